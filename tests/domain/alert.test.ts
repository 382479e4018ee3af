import t from 'tap'
import {
  type Alert,
  type AlertCommand,
  type AlertEvent,
  decideAlert,
  evolveAlert,
  longest_shelf_s,
  most_branches,
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

const again: AlertCommand = { type: 'change', severity: 'yellow', because }
const suppress: AlertCommand = { type: 'suppress', cause: 'a-9' }
const shelve = (more: Partial<Extract<AlertCommand, { type: 'shelve' }>> = {}): AlertCommand => ({
  type: 'shelve',
  by: 'li',
  for_s: 60,
  reason: 'works',
  ...more
})
const outOfService = (until: number, window = 'm-1'): AlertCommand => ({ type: 'out_of_service', window, until })
const latching = evolveAlert(undefined, { ...raised, latching: true, realarm_s: 900 })

t.test('an older episode that nobody had seen is not lost behind a cause', async t => {
  const behind = play(alert, [1, clear], [2, again], [3, suppress], [4, clear])
  t.match(behind, { phase: 'open', branches: [{ episode: 1, times: 1 }] })
  t.equal(
    play(behind, [5, { type: 'acknowledge', by: 'li', episode: 1 }]).phase,
    'closed',
    'what the cause explained needs nobody to see it'
  )
})

t.test('what came and went before its cause was known still has to be seen', async t => {
  const gone = play(alert, [1, clear])
  t.strictSame(decideAlert(gone, suppress, 2), { events: [] })
  t.equal(play(gone, [2, suppress]).phase, 'open')
})

t.test('nothing is its own cause, and red has none', async t => {
  t.strictSame(decideAlert(alert, { type: 'suppress', cause: 'a-1' }, 1), { events: [] })
  t.strictSame(decideAlert(play(alert, [1, red]), suppress, 2), { refused: 'red_is_never_suppressed' })
  t.equal(play(alert, [1, suppress], [2, red]).suppressed, undefined, 'becoming red steps out from behind it')
  t.equal(play(alert, [1, suppress], [2, clear]).phase, 'closed', 'what only followed from it goes with its condition')
})

t.test('another maintenance window may take over from the one that ended', async t => {
  const held = play(alert, [0, outOfService(60_000)], [1, outOfService(90_000, 'm-2')])
  t.match(held.out_of_service, { window: 'm-2', until: 90_000 })
  t.strictSame(nextDueOfAlert(held), { at: 90_000, command: { type: 'in_service' } })
  t.strictSame(decideAlert(held, outOfService(90_000, 'm-2'), 2), { events: [] })
  t.match(play(held, [2, outOfService(30_000, 'm-3')]).out_of_service, { until: 30_000 })
  t.strictSame(decideAlert(alert, outOfService(5), 5), { refused: 'window_is_over' })
})

t.test('a one-shot shelf ends with the episode it was for, and at the latest with its time', async t => {
  t.strictSame(decideAlert(play(alert, [1, clear]), shelve({ mode: 'one_shot' }), 2), { refused: 'not_active' })
  const shelved = play(alert, [0, shelve({ mode: 'one_shot' })])
  t.match(nextDueOfAlert(shelved), { at: 60_000 })
  t.equal(play(shelved, [1, clear]).shelved, undefined)
  t.ok(play(alert, [0, shelve()], [1, clear]).shelved, 'a timed one goes on')
})

t.test('shelving again counts from the first shelving', async t => {
  const shelved = play(alert, [0, shelve({ for_s: longest_shelf_s - 10 })])
  t.strictSame(decideAlert(shelved, shelve({ for_s: 11 }), 10_000 + (longest_shelf_s - 20) * 1000), { refused: 'shelved_too_long' })
  t.equal(play(shelved, [5000, shelve({ for_s: 20 })]).shelved?.at, 0)
})

t.test('a latching alert stays until it was seen and then reset', async t => {
  const gone = play(latching, [1, clear])
  t.strictSame(decideAlert(latching, { type: 'reset', by: 'li' }, 1), { refused: 'still_active' })
  t.strictSame(decideAlert(gone, { type: 'reset', by: 'li' }, 2), { refused: 'not_acknowledged' })
  t.strictSame(decideAlert(alert, { type: 'reset', by: 'li' }, 2), { refused: 'not_latched' })
  t.equal(play(gone, [2, acknowledge]).phase, 'open')
  t.equal(play(gone, [2, acknowledge], [3, { type: 'reset', by: 'li' }]).phase, 'closed')
})

t.test('an alert that goes on sounds again and must be seen again, but not while it is put aside', async t => {
  t.match(nextDueOfAlert(latching), { at: 900_000, command: { type: 'realarm' } })
  t.strictSame(decideAlert(latching, { type: 'realarm' }, 899_999), { events: [] })
  const sounded = play(latching, [1, acknowledge], [2, { type: 'confirm', by: 'li' }], [900_000, { type: 'realarm' }])
  t.match(sounded, { realarms: 1, realarm_at: 1_800_000, acknowledged: undefined, confirmed: undefined })
  t.match(nextDueOfAlert(play(latching, [0, shelve({ for_s: 3600 })])), { at: 3_600_000, command: { type: 'unshelve' } })
  t.equal(nextDueOfAlert(play(latching, [0, suppress])), undefined)
  t.match(nextDueOfAlert(play(latching, [0, suppress], [5, { type: 'unsuppress' }])), { at: 900_005 }, 'back from behind its cause')
  t.equal(play(latching, [1, clear]).realarm_at, undefined)
})

t.test('each unseen episode is kept and seen by its number, and what is seen as it returns leaves none', async t => {
  const thrice = play(alert, [1, clear], [2, again], [3, clear], [4, again])
  t.match(thrice, { episode: 3, branches: [{ episode: 1 }, { episode: 2 }] })
  t.match(play(thrice, [5, { type: 'acknowledge', by: 'li', episode: 1 }]), { branches: [{ episode: 2 }], acknowledged: undefined })
  t.equal(play(thrice, [5, { type: 'acknowledge', by: 'li', episode: 'all' }]).branches, undefined)
  t.strictSame(decideAlert(thrice, { type: 'acknowledge', by: 'li', episode: 4 }, 5), { refused: 'no_such_episode' })
  t.equal(play(latching, [1, acknowledge], [2, clear], [3, again]).branches, undefined)
})

t.test('more unseen episodes than a screen has lines for are counted, not lost', async t => {
  const flapping = Array.from({ length: 25 }, (_, i): [number, AlertCommand][] => [
    [2 * i + 1, clear],
    [2 * i + 2, again]
  ]).flat()
  const { branches = [] } = play(alert, ...flapping)
  t.equal(branches.length, most_branches)
  t.equal(
    branches.reduce((sum, { times }) => sum + times, 0),
    25
  )
})
