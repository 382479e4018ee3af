import t from 'tap'
import {
  type Alert,
  type AlertCommand,
  type AlertEvent,
  decideAlert,
  evolveAlert,
  longest_shelf_s,
  nextDueOfAlert
} from '../../edge/domain/alert.ts'

const because = { say: 'density_above', with: { value: 2.6, limit: 2.5, level: 'yellow', seconds: 5 } } as const
const raised: AlertEvent = {
  type: 'alert_raised',
  id: 'a-1',
  at: 0,
  key: 'crowd-density:p',
  rule: 'crowd-density',
  kind: 'crowd',
  zone: 'p',
  severity: 'yellow',
  because
}
const alert = evolveAlert(undefined, raised)

const play = (from: Alert, ...commands: readonly [number, AlertCommand][]): Alert =>
  commands.reduce((now, [at, command]) => {
    const decision = decideAlert(now, command, at)
    if ('refused' in decision) throw new Error(decision.refused)
    return decision.events.reduce<Alert>((then, event) => evolveAlert(then, event), now)
  }, from)

const clear: AlertCommand = { type: 'clear', because: { say: 'density_below', with: { value: 1, limit: 2.2 } } }
const acknowledge: AlertCommand = { type: 'acknowledge', by: 'li' }
const red: AlertCommand = { type: 'change', severity: 'red', because }

t.test('an alert is over when its condition has gone and a person has seen it, in either order', async t => {
  t.equal(play(alert, [1, clear]).phase, 'open')
  t.equal(play(alert, [1, acknowledge]).phase, 'open')
  t.equal(play(alert, [1, clear], [2, acknowledge]).phase, 'closed')
  t.equal(play(alert, [1, acknowledge], [2, clear]).phase, 'closed')
})

t.test('worse than what was seen must be seen again', async t => {
  t.equal(play(alert, [1, acknowledge], [2, red]).acknowledged, undefined)
})

t.test('becoming red tells the whole alert in one event', async t => {
  const decision = decideAlert(alert, red, 5)
  if (!('events' in decision) || decision.events[0] === undefined) throw new Error('no event')
  t.strictSame(evolveAlert(undefined, decision.events[0]), evolveAlert(alert, decision.events[0]))
})

t.test('a shelf has a limit, ends by itself, and is never for red', async t => {
  t.strictSame(decideAlert(alert, { type: 'shelve', by: 'li', for_s: longest_shelf_s + 1, reason: 'x' }, 0), {
    refused: 'shelved_too_long'
  })
  t.strictSame(decideAlert(play(alert, [1, red]), { type: 'shelve', by: 'li', for_s: 60, reason: 'x' }, 0), {
    refused: 'red_is_never_shelved'
  })
  const shelved = play(alert, [0, { type: 'shelve', by: 'li', for_s: 60, reason: 'works on the platform' }])
  t.strictSame(nextDueOfAlert(shelved), { at: 60_000, command: { type: 'unshelve' } })
  t.equal(nextDueOfAlert(play(shelved, [60_000, { type: 'unshelve' }])), undefined)
  t.equal(play(shelved, [1, red]).shelved, undefined, 'nothing red stays on a shelf')
})

t.test('saying the same again is no news; acknowledging twice, or confirming before, is refused', async t => {
  t.strictSame(decideAlert(alert, { type: 'change', severity: 'yellow', because }, 1), { events: [] })
  t.strictSame(decideAlert(play(alert, [1, acknowledge]), acknowledge, 2), { refused: 'already_answered' })
  t.strictSame(decideAlert(alert, { type: 'confirm', by: 'li' }, 1), { refused: 'not_acknowledged' })
  t.strictSame(decideAlert(play(alert, [1, acknowledge], [2, clear]), clear, 3), { refused: 'already_closed' })
})
