import { pino } from 'pino'
import t from 'tap'
import { readConfig } from '../../edge/config.ts'
import { openPathCheck } from '../../edge/path-check.ts'
import { openStation } from '../../edge/station.ts'
import { definitions } from '../support/duty.ts'

const config = (dir: string) =>
  readConfig(`${dir}/station.yaml`, {
    templates: [...definitions.templates.keys()],
    profiles: [...definitions.profiles.keys()],
    rules: Object.fromEntries([...definitions.rules].map(([name, rule]) => [name, rule.settings as object])),
    cameraUrl: () => undefined
  })
const files = {
  'station.yaml': `
station: { id: hub, name: 站, template: transport-hub }
state_dir: state
http: { port: 0 }
mqtt: { host: 127.0.0.1, port: 0 }
zones: [{ id: hall, name: 大厅, use: walkway, area_m2: 100 }]
`
}

t.test('the station hears its own alarm over real MQTT, keeps it, tells screens, and nobody sees it', async t => {
  const dir = t.testdir(files)
  const station = await openStation(config(dir), { log: pino({ level: 'silent' }), version: 'test', definitions, screen: '' })
  const checked = await station.pathCheck.check()
  t.match(checked, { ok: true })
  if (checked.ok) t.comment(`shown after ${checked.shown_ms} ms, kept after ${checked.kept_ms} ms`)
  t.strictSame(station.desk.alerts(), [], 'it is invisible')
  t.strictSame(station.desk.incidents(), [], 'it calls nobody')
  t.notOk(
    station.desk.devices().some(({ id }) => id === 'path-check'),
    'it is no device that anyone has to look after'
  )
  const kinds = [...station.duty.state.alerts.values()].filter(({ kind }) => kind === 'path')
  t.strictSame(
    kinds.map(({ phase }) => phase),
    ['closed'],
    'and it leaves nothing open'
  )
  await station.close()
})

t.test('when the way is broken it says where, people are called, and it is over when the way works again', async t => {
  const dir = t.testdir(files)
  const station = await openStation(config(dir), { log: pino({ level: 'silent' }), version: 'test', definitions, screen: '' })
  const broken = openPathCheck({ clock: station.desk.clock, duty: station.duty, zone: 'hall', station: 'hub', every_s: 3600 })
  broken.start({ url: 'mqtt://127.0.0.1:1' })
  t.match(await broken.check(), { ok: false, stuck: 'connect' })
  await broken.close()
  const [alert] = station.desk.alerts()
  t.match(alert, { rule: 'path-check', kind: 'outage', severity: 'orange', active: true })
  t.equal(station.desk.incidents().length, 1)
  t.match(await station.pathCheck.check(), { ok: true })
  t.equal(station.desk.alerts()[0]?.active, false)
  await station.close()
})
