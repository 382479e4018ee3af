import t from 'tap'
import { type Alert, evolveAlert } from '../../edge/domain/alert.ts'
import { supportsOf, wiringOf } from '../../edge/domain/dependency.ts'
import {
  causeOf,
  common_cause,
  explainedBy,
  failedBehind,
  failedTogether,
  hangingOn,
  together,
  together_ms
} from '../../edge/domain/suppression.ts'

const silent = (device: string, more: Partial<Alert> = {}): Alert => ({
  ...evolveAlert(undefined, {
    type: 'alert_raised',
    id: `a-${device}`,
    at: 0,
    key: `device-silent:${device}`,
    rule: 'device-silent',
    kind: 'device',
    zone: 'p',
    device,
    severity: 'yellow',
    because: { say: 'failed_together', with: { count: 1 } }
  }),
  ...more
})
/** Sensors speak through a bridge; the bridge and a camera hang on a switch, the switch on the mains. */
const wiring = wiringOf([
  ...[1, 2, 3, 4, 5].map(n => ({ id: `sensor-${n}`, via: 'bridge' })),
  { id: 'bridge', depends_on: ['switch'] },
  { id: 'camera', depends_on: ['switch'] },
  { id: 'switch', depends_on: ['mains'] }
])
const bridge = silent('bridge')
const common = silent('station', { key: common_cause.key, rule: common_cause.rule, kind: common_cause.kind })

t.test('a device behind a silent bridge is silent because the bridge is', async t => {
  t.equal(causeOf(silent('sensor-1'), [bridge], wiring), 'a-bridge')
  t.equal(causeOf(silent('lamp'), [bridge], wiring), undefined)
  t.equal(causeOf(silent('sensor-1'), [{ ...bridge, active: false }], wiring), undefined, 'a bridge that speaks again explains nothing')
  t.equal(causeOf(silent('sensor-1'), [{ ...bridge, rule: 'battery' }], wiring), undefined)
})

t.test('of several things that failed the one farthest up is the cause, and they are its consequences too', async t => {
  const [sw, mains] = [silent('switch'), silent('mains', { kind: 'outage', rule: 'threshold', severity: 'orange' })]
  t.equal(causeOf(silent('sensor-1'), [bridge, sw], wiring), 'a-switch')
  t.equal(causeOf(silent('sensor-1'), [bridge, sw, mains], wiring), 'a-mains')
  t.equal(causeOf(sw, [bridge, sw, mains], wiring), 'a-mains')
  t.equal(causeOf(mains, [bridge, sw, mains, common], wiring), undefined, 'and it is nobody’s consequence')
  const camera = silent('camera', { kind: 'camera', rule: 'camera-unseen' })
  t.equal(causeOf(camera, [{ ...sw, rule: 'silent' }], wiring), 'a-switch')
  t.equal(
    causeOf({ ...camera, raised_at: 0 }, [{ ...sw, rule: 'silent', raised_at: 600_001 }], wiring),
    undefined,
    'somebody covered it before'
  )
  t.same(
    hangingOn('switch', [bridge, camera, silent('sensor-1'), silent('lamp')], wiring).map(({ device }) => device),
    ['bridge', 'camera', 'sensor-1']
  )
})

t.test('when most of what hangs on one thing has failed, that thing has failed', async t => {
  const failed = (...devices: string[]) => devices.map(device => silent(device))
  const behind = (all: readonly Alert[]): string | undefined => failedBehind(all[0] as Alert, all, wiring)?.support
  t.equal(behind(failed('sensor-1', 'sensor-2')), undefined)
  t.equal(behind(failed('sensor-1', 'sensor-2', 'sensor-3')), 'bridge')
  t.equal(behind(failed('camera', 'sensor-1', 'sensor-2')), undefined, 'three of seven may have anything')
  t.equal(behind(failed('camera', 'bridge', 'sensor-1', 'sensor-2')), 'switch')
  t.equal(behind(failed('lamp', 'sensor-1', 'sensor-2', 'sensor-3')), undefined, 'a lamp that hangs on nothing is not explained')
  t.equal(behind([silent('sensor-1'), silent('sensor-1', { id: 'x', key: 'x' }), silent('sensor-2')]), undefined, 'one thing counts once')
})

t.test('a switch that is only a name hangs on what all its things name after it', async t => {
  const names = wiringOf([
    { id: 'a', depends_on: ['switch-1', 'ups-1', 'hall'] },
    { id: 'b', depends_on: ['switch-1', 'ups-1'] },
    { id: 'ups-1' }
  ])
  t.strictSame(names.hangsOn('switch-1'), ['ups-1'])
  const ups = silent('ups-1', { kind: 'outage', rule: 'threshold', severity: 'orange' })
  const inferred = silent('switch-1', { kind: 'outage', rule: common_cause.rule, key: 'common-cause:on:switch-1', severity: 'orange' })
  t.equal(causeOf(inferred, [ups, inferred], names), 'a-ups-1')
})

t.test('what was wired in a circle by mistake is walked once', async t => {
  const circle = wiringOf([
    { id: 'a', depends_on: ['b'] },
    { id: 'b', depends_on: ['c'] },
    { id: 'c', depends_on: ['a'] }
  ])
  t.strictSame(supportsOf('a', circle.hangsOn), ['b', 'c'])
  t.equal(circle.dependents('b'), 2)
})

t.test('an exercise explains nothing that is real', async t => {
  t.equal(
    causeOf(
      silent('sensor-1'),
      [
        { ...bridge, drill: true },
        { ...common, drill: true }
      ],
      wiring
    ),
    undefined
  )
})

t.test('red, an exercise and what happens to people have no technical cause', async t => {
  t.equal(causeOf(silent('sensor-1', { severity: 'red' }), [bridge, common], wiring), undefined)
  t.equal(causeOf(silent('sensor-1', { drill: true }), [bridge, common], wiring), undefined)
  const exercise = causeOf(silent('sensor-1', { drill: true }), [{ ...bridge, drill: true }], wiring)
  t.equal(exercise, 'a-bridge', 'what is practised explains what is practised')
  t.equal(causeOf(silent('sensor-1', { kind: 'panic' }), [bridge, common], wiring), undefined)
})

t.test('while a common cause is there it explains what fails', async t => {
  t.equal(causeOf(silent('lamp'), [common], wiring), 'a-station')
  t.equal(causeOf(silent('lamp'), [{ ...common, active: false }], wiring), undefined)
})

t.test('five that fail within a minute have one cause, four have not', async t => {
  const some = (n: number, more: Partial<Alert> = {}): Alert[] => Array.from({ length: n }, (_, i) => silent(`d-${i}`, more))
  t.equal(failedTogether(some(together), together_ms).length, together)
  t.strictSame(failedTogether(some(together - 1), 0), [])
  t.strictSame(failedTogether(some(together), together_ms + 1), [], 'not when it was longer ago')
  t.strictSame(failedTogether(some(together, { active: false }), 0), [])
  t.strictSame(failedTogether(some(together, { severity: 'red' }), 0), [])
})

t.test('what somebody switched off for works is no sign of a common cause', async t => {
  const works = Array.from({ length: together - 1 }, (_, i) => silent(`d-${i}`, { out_of_service: { window: 'm-1', at: 0, until: 9 } }))
  t.strictSame(failedTogether([...works, silent('real')], 0), [])
})

t.test('a cause knows what it stands in front of', async t => {
  const behind = silent('sensor-1', { suppressed: { cause: 'a-bridge', at: 0 } })
  t.strictSame(explainedBy('a-bridge', [bridge, behind, { ...behind, id: 'x', phase: 'closed' }]), [behind])
})
