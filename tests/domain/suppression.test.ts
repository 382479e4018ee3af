import t from 'tap'
import { type Alert, evolveAlert } from '../../edge/domain/alert.ts'
import { causeOf, common_cause, explainedBy, failedTogether, together, together_ms } from '../../edge/domain/suppression.ts'

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
const bridgeOf = (device: string): string | undefined => (device.startsWith('sensor') ? 'bridge' : undefined)
const bridge = silent('bridge')
const common = silent('station', { key: common_cause.key, rule: common_cause.rule, kind: common_cause.kind })

t.test('a device behind a silent bridge is silent because the bridge is', async t => {
  t.equal(causeOf(silent('sensor-1'), [bridge], bridgeOf), 'a-bridge')
  t.equal(causeOf(silent('lamp'), [bridge], bridgeOf), undefined)
  t.equal(causeOf(silent('sensor-1'), [{ ...bridge, active: false }], bridgeOf), undefined, 'a bridge that speaks again explains nothing')
  t.equal(causeOf(silent('sensor-1'), [{ ...bridge, rule: 'battery' }], bridgeOf), undefined)
})

t.test('an exercise explains nothing that is real', async t => {
  t.equal(
    causeOf(
      silent('sensor-1'),
      [
        { ...bridge, drill: true },
        { ...common, drill: true }
      ],
      bridgeOf
    ),
    undefined
  )
})

t.test('red, an exercise and what happens to people have no technical cause', async t => {
  t.equal(causeOf(silent('sensor-1', { severity: 'red' }), [bridge, common], bridgeOf), undefined)
  t.equal(causeOf(silent('sensor-1', { drill: true }), [bridge, common], bridgeOf), undefined)
  t.equal(causeOf(silent('sensor-1', { kind: 'panic' }), [bridge, common], bridgeOf), undefined)
})

t.test('while a common cause is there it explains what fails', async t => {
  t.equal(causeOf(silent('lamp'), [common], bridgeOf), 'a-station')
  t.equal(causeOf(silent('lamp'), [{ ...common, active: false }], bridgeOf), undefined)
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
