/** What is said of an alert in the timeline. */
import type { AlertEvent } from './alert.ts'
import { part, sayNamed, type Teller } from './timeline-telling.ts'

export const tellAlert: Teller<AlertEvent> = {
  alert_raised: ({ zone, kind, severity, because }, see) => ({
    category: 'evidence',
    say: 'alert_raised',
    with: { zone: see.zone(zone), kind, level: severity },
    add: [part('because', 'because', sayNamed(because, see, see.locale))]
  }),
  alert_changed: ({ severity, because, episode }, see) => ({
    category: 'evidence',
    say: episode === undefined ? 'alert_changed' : 'alert_again',
    with: { level: severity, ...(episode !== undefined && { episode }) },
    add: [part('because', 'because', sayNamed(because, see, see.locale))]
  }),
  alert_cleared: ({ because }, see) => ({
    category: 'evidence',
    say: 'alert_cleared',
    add: [part('said', 'text', sayNamed(because, see, see.locale))]
  }),
  alert_acknowledged: ({ by, episodes = [] }) => ({
    category: 'answer',
    say: episodes.length > 1 ? 'alert_acknowledged_many' : 'alert_acknowledged',
    with: { by, count: episodes.length },
    by
  }),
  alert_confirmed: ({ by }) => ({ category: 'action', say: 'alert_confirmed', with: { by }, by }),
  alert_reset: ({ by }) => ({ category: 'action', say: 'alert_reset', with: { by }, by }),
  alert_shelved: ({ by, until, reason }, see) => ({
    category: 'decision',
    say: 'alert_shelved',
    with: { by, until: see.clock(until) },
    add: [part('reason', 'reason', reason)],
    by
  }),
  alert_unshelved: ({ by }) =>
    by === undefined
      ? { category: 'system', say: 'alert_unshelved' }
      : { category: 'decision', say: 'alert_unshelved_by', with: { by }, by },
  alert_suppressed: ({ cause }) => ({ category: 'system', say: 'alert_suppressed', with: { cause } }),
  alert_unsuppressed: () => ({ category: 'system', say: 'alert_unsuppressed' }),
  alert_out_of_service: ({ until }, see) => ({ category: 'system', say: 'alert_out_of_service', with: { until: see.clock(until) } }),
  alert_in_service: () => ({ category: 'system', say: 'alert_in_service' }),
  alert_realarmed: () => ({ category: 'call', say: 'alert_realarmed' }),
  alert_flapping: ({ changes }) => ({ category: 'system', say: 'alert_flapping', with: { count: changes } }),
  alert_steady: ({ changes }) => ({ category: 'system', say: 'alert_steady', with: { count: changes } }),
  alert_linked: ({ incident }) => ({ category: 'system', say: 'alert_linked', with: { incident } })
}
