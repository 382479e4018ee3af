/** Rules on trial: what each would have said, held against the rule on duty and against how people closed what happened there. */
import { Type } from 'typebox'
import { aheadOf, near_ms, tally, truthOf } from '../domain/shadow.ts'
import { sayNamed } from '../domain/timeline-telling.ts'
import { incidentKinds, levels } from '../domain/vocabulary.ts'
import type { App, Room } from './room.ts'
import { type ShadowShape, Shadow as Shape } from './shadow-shape.ts'

/** The newest firings that are listed by themselves; all are counted. */
const most_listed = 50

export const serveShadow = (app: App, { desk, present }: Room): void => {
  app.get(
    '/api/shadow',
    {
      schema: {
        summary: 'Rules on trial: what they would have raised, and how much of it was true',
        tags: ['alerts'],
        response: { 200: Type.Array(Shape) }
      }
    },
    async ({ locale }): Promise<ShadowShape[]> => {
      const now = desk.clock.now()
      const incidents = desk.incidents()
      const alerts = desk.alerts()
      return desk.shadows().map(({ id, rule, settings, fired }) => {
        const judged = fired.map(one => ({ ...one, ...truthOf(one, incidents, now), ahead_s: aheadOf(one, alerts) }))
        const first = fired[0]?.at ?? now
        // Only where both were looking: from the first word of the one on trial on, and the same rule.
        const onDuty = alerts.filter(alert => alert.rule === rule && !alert.drill && alert.raised_at >= first - near_ms)
        return {
          id,
          rule,
          settings,
          ...tally(judged.map(({ truth }) => truth)),
          on_duty: tally(onDuty.map(({ raised_at: at, kind, zone }) => truthOf({ at, kind, zone }, incidents, now).truth)),
          firings: judged
            .slice(-most_listed)
            .reverse()
            .map(({ at, zone, device, kind, severity, because, truth, incident, ahead_s }) => ({
              at: present.time(at),
              zone,
              zone_name: present.zoneName(zone),
              device: device ?? null,
              kind,
              kind_label: incidentKinds[kind][locale],
              severity,
              severity_label: levels[severity][locale],
              because: sayNamed(because, { zone: present.zoneName, unit: id => id }, locale),
              truth,
              incident: incident ?? null,
              ahead_seconds: ahead_s ?? null
            }))
        }
      })
    }
  )
}
