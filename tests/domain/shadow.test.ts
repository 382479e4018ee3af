import t from 'tap'
import type { Alert } from '../../edge/domain/alert.ts'
import { aheadOf, near_ms, type ShadowFired, tally, truthOf } from '../../edge/domain/shadow.ts'

const at = Date.UTC(2026, 10, 24, 8)
const minute = 60_000
const because = { say: 'heard_again', with: {} } as const
const fired: ShadowFired = {
  type: 'shadow_fired',
  id: 'early',
  at,
  rule: 'crowd-density',
  kind: 'crowd',
  zone: 'hall',
  severity: 'yellow',
  because
}
type Known = Parameters<typeof truthOf>[1][number]
const incident = (id: string, minutes: number, more: Partial<Known> = {}): Known => ({
  id,
  kind: 'crowd',
  zone: 'hall',
  opened_at: at + minutes * minute,
  phase: 'closed',
  outcome: 'resolved',
  drill: false,
  ...more
})

t.test('whether it was true is how people closed the incident of that place and time', async t => {
  const later = at + near_ms + 1
  for (const [why, incidents, truth, of] of [
    ['nobody opened anything', [], 'nothing', undefined],
    ['it was handled', [incident('i-1', 8)], 'true', 'i-1'],
    ['it was a false alarm', [incident('i-1', -3, { outcome: 'false_alarm' })], 'false', 'i-1'],
    ['it is being handled', [incident('i-1', 2, { phase: 'open', outcome: undefined as never })], 'open', 'i-1'],
    ['another place', [incident('i-1', 1, { zone: 'gate' })], 'nothing', undefined],
    ['another kind', [incident('i-1', 1, { kind: 'fire' })], 'nothing', undefined],
    ['an hour apart', [incident('i-1', 60)], 'nothing', undefined],
    ['half an hour is near, a moment more is not', [incident('i-1', 30)], 'true', 'i-1'],
    ['the nearest of two', [incident('i-1', 20), incident('i-2', -5, { outcome: 'false_alarm' })], 'false', 'i-2'],
    ['a duplicate speaks by the other one', [incident('i-1', 1, { outcome: 'duplicate' }), incident('i-2', 9)], 'true', 'i-2'],
    ['an exercise proves nothing', [incident('i-1', 1, { drill: true })], 'nothing', undefined],
    ['handed over was true', [incident('i-1', 1, { outcome: 'handed_over' })], 'true', 'i-1']
  ] as const)
    t.strictSame(truthOf(fired, incidents, later), { truth, ...(of && { incident: of }) }, why)
  t.strictSame(truthOf(fired, [], at + near_ms), { truth: 'open' }, 'within half an hour it may still be learnt')
})

t.test('a tally says how often and how true', async t => {
  t.strictSame(tally(['true', 'false', 'nothing', 'true', 'open']), { fired: 5, true: 2, false: 1, open: 1, nothing: 1 })
})

t.test('how much sooner it was than the rule on duty is told, and that it was later too', async t => {
  const alert = (minutes: number, more: Partial<Alert> = {}) =>
    ({ id: 'a', rule: 'crowd-density', zone: 'hall', raised_at: at + minutes * minute, ...more }) as Alert
  t.equal(aheadOf(fired, [alert(4)]), 240)
  t.equal(aheadOf(fired, [alert(9), alert(-2)]), -120)
  t.equal(aheadOf(fired, [alert(4, { zone: 'gate' }), alert(45), alert(1, { rule: 'forecast' })]), undefined)
})
