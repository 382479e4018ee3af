import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { BoardNow } from '../../edge/domain/annunciator.ts'
import type { ForecastRecord } from '../../edge/domain/forecast-record.ts'
import type { Incident } from '../../edge/domain/incident.ts'
import type { ZoneNow } from '../../edge/domain/zone.ts'
import type { History } from '../../edge/ports.ts'
import { type Played, playScenario, readScenario, type Scenario } from '../../edge/scenario.ts'
import { definitions, noHistory } from '../support/duty.ts'
import { memoryJournal } from '../support/memory-journal.ts'

type Shown = { readonly at_s: number; readonly zone: ZoneNow }
const scenario = (name: string): Scenario => readScenario(fileURLToPath(new URL(`../../edge/demo/scenarios/${name}.yaml`, import.meta.url)))
const play = async (
  name: string,
  change: (scenario: Scenario) => Scenario = one => one
): Promise<{
  played: Played[]
  shown: Shown[]
  called: { at_s: number; line: string }[]
  board: BoardNow
  incidents: Incident[]
  alerts: number
  forecasts: ForecastRecord
}> => {
  const played: Played[] = []
  const called: { at_s: number; line: string }[] = []
  const shown: Shown[] = []
  const duty = await playScenario(change(scenario(name)), {
    definitions,
    journal: memoryJournal(),
    history: noHistory as History,
    start: Date.UTC(2026, 0, 1),
    hear: one => played.push(one),
    show: (at_s, zone) => shown.push({ at_s, zone }),
    call: (at_s, lines) => called.push(...lines.map(line => ({ at_s, line })))
  })
  await duty.close()
  const { state, board } = duty
  const incidents = [...state.incidents.values()]
  return { played, shown, called, board: board.now(), incidents, alerts: state.alerts.size, forecasts: state.forecasts }
}
const first = (played: readonly Played[], test: (event: Played['event']) => boolean): number =>
  played.find(({ event }) => test(event))?.at_s ?? Number.POSITIVE_INFINITY

t.test(
  '[D1] a platform that fills: amber at least ten minutes before 4 p/m², one alert, every agency asked, the silent one escalated',
  async t => {
    const { played, incidents, alerts, forecasts } = await play('D1')
    const four_at_s = ((4 - 2.2) / (4.6 - 2.2)) * 1080
    const amber = first(played, event => 'severity' in event && event.severity === 'yellow')
    t.ok(four_at_s - amber >= 600, `amber at ${amber} s, ${Math.round((four_at_s - amber) / 60)} min before 4 p/m²`)
    t.equal(alerts, 1)
    const [incident] = incidents
    t.equal(incident?.highest, 'red')
    t.strictSame(incident?.needs, ['police', 'operator', 'traffic_police', 'medical', 'guard', 'volunteer'])
    const red = first(played, event => event.type === 'incident_worsened')
    const late = Object.values(incident?.responses ?? {}).filter(
      ({ agency, acknowledged_at }) => agency !== 'medical' && agency !== 'city' && acknowledged_at === undefined
    )
    t.strictSame(
      late.map(({ unit }) => unit).filter(unit => unit !== 'commander'),
      [],
      'everyone but the medics has answered'
    )
    const escalated = played
      .filter(({ event }) => event.type === 'incident_escalated' && event.silent.includes('medical'))
      .map(({ at_s }) => at_s - red)
    t.strictSame(escalated, [15, 45, 105], 'the medics’ silence is visible at 15 s and climbs')
    t.ok(incident?.drill, 'it is marked as an exercise')
    const levels = played.flatMap(({ event }) => (event.type === 'alert_raised' || event.type === 'alert_changed' ? [event.severity] : []))
    t.strictSame(levels.slice(0, 3), ['yellow', 'orange', 'red'], 'one alert a level on the way up, whatever measures or foresees it')
    const warned = first(played, event => event.type === 'forecast_warned')
    const scored = played.find(({ event }) => event.type === 'forecast_scored')
    t.ok(warned < (scored?.at_s ?? 0), `the forecast warned at ${warned} s`)
    t.match(scored?.event, { outcome: 'hit', id: 'platform-1' })
    t.ok(
      forecasts.tally[10].bins.some(([n]) => n > 0),
      'every minute’s forecast was judged'
    )
  }
)

t.test(
  '[D2] gas, then smoke in the same row: one incident, red, everyone asked in the same second, and a table of who added what',
  async t => {
    const { played, incidents, alerts } = await play('D2')
    t.equal(incidents.length, 1)
    t.equal(alerts, 2)
    t.equal(incidents[0]?.highest, 'red')
    t.strictSame(
      played.filter(({ event }) => event.type === 'incident_opened').map(({ at_s }) => at_s),
      [30]
    )
    t.equal(incidents[0]?.responses['patrol-1']?.status, 'acknowledged')
    const asked = Object.values(incidents[0]?.responses ?? {}).filter(({ level }) => level === 0)
    t.strictSame(
      asked.map(({ agency, asked_at }) => [agency, (asked_at - Date.UTC(2026, 0, 1)) / 1000]),
      (['police', 'fire', 'city_management', 'grid', 'medical'] as const).map(agency => [agency, 30]),
      'fire, medics, police, 城管 and the grid worker of the stalls hear of it with the gas, before the smoke'
    )
    const { grade, kind, evidence = [] } = incidents[0]?.hypothesis ?? {}
    t.strictSame(
      [grade, kind, evidence.map(({ source, sign, value }) => [source, sign, value])],
      [
        'confirmed',
        'fire',
        [
          ['smoke-7', 'smoke_alarm', undefined],
          ['gas-7', 'gas_lel_percent', 10],
          ['food-row', 'people_near', 1.8]
        ]
      ],
      'the fusion table'
    )
  }
)

t.test(
  '[D7] cameras go blind: the zone is unknown and never empty, installer and commander are told within seconds, the repair is timed',
  async t => {
    const { played, shown, incidents } = await play('D7')
    const { cameras, eyes } = scenario('D7')
    for (const { id, zone } of cameras) {
      const [blind, well] = eyes.filter(({ camera }) => camera === id)
      if (blind === undefined || well === undefined) throw new Error(`${id} does not go blind and come back`)
      const during = shown.filter(one => one.zone.id === zone && one.at_s >= blind.at_s && one.at_s < well.at_s)
      t.match(during[0], { at_s: blind.at_s, zone: { level: 'unknown', people_count: undefined } }, `${blind.state}: unknown at once`)
      t.ok(
        during.every(one => one.zone.people_count === undefined && one.zone.density_per_m2 === undefined),
        'and stays so: no old count'
      )
      const told = played.find(({ event }) => event.type === 'incident_opened' && event.zone === zone)
      t.ok(told !== undefined && told.at_s - blind.at_s <= 5, `${blind.state}: people are told after ${(told?.at_s ?? 0) - blind.at_s} s`)
      t.match(told?.event, { kind: 'camera', sop: 'camera', ask: [{ unit: 'works-1' }, { unit: 'commander' }], drill: true })
      const mended = played.find(({ event, at_s }) => event.type === 'alert_cleared' && at_s >= well.at_s)
      t.match(mended?.event, { because: { say: 'camera_back', with: { zone, seconds: well.at_s - blind.at_s } } })
    }
    t.notOk(
      shown.some(one => one.zone.people_count === 0),
      'no zone was ever shown empty'
    )
    t.equal(incidents.length, cameras.length)
    t.ok(
      incidents.every(({ responses }) => responses['works-1']?.status === 'acknowledged' && responses.commander?.status === 'acknowledged')
    )
  }
)

t.test('[D3] a lost child: everyone mobile and the neighbour are asked at once, and a zone that answers nothing is late', async t => {
  const { played, incidents } = await play('D3')
  const opened = played.find(({ event }) => event.type === 'incident_opened')
  t.match(opened, { at_s: 10, event: { kind: 'lost_child', sop: 'search', drill: true } })
  t.equal(opened?.event.type === 'incident_opened' && opened.event.ask.length, 8)
  t.equal(incidents[0]?.responses['north-station']?.status, 'acknowledged')
  t.equal(
    first(played, event => event.type === 'incident_escalated' && event.silent.includes('volunteer')),
    25
  )
  t.strictSame(
    played.filter(({ event }) => event.type === 'incident_task_overdue').map(({ at_s }) => at_s),
    [310, 310, 310]
  )
})

t.test(
  '[D6] a panic press: red and the nearest pair asked in the same second, on its way within the minute, there, and what it was',
  async t => {
    const { played, incidents } = await play('D6')
    t.match(
      played.find(({ event }) => event.type === 'incident_opened'),
      {
        at_s: 20,
        event: { kind: 'panic', severity: 'red', ask: [{ unit: 'patrol-2' }, { unit: 'guard-1' }] }
      }
    )
    t.equal(incidents.length, 1)
    const of = (unit: string): unknown[] =>
      played.flatMap(({ at_s, event }) => (event.type === 'incident_response' && event.unit === unit ? [[event.status, at_s - 20]] : []))
    t.strictSame(of('patrol-2'), [
      ['acknowledged', 6],
      ['en_route', 15],
      ['on_scene', 95],
      ['done', 300]
    ])
    t.strictSame(of('guard-1').slice(0, 2), [
      ['acknowledged', 3],
      ['en_route', 8]
    ])
    t.notOk(incidents[0]?.responses['patrol-1'] ?? incidents[0]?.responses['guard-9'], 'who stands farther away is left where they are')
    t.match(incidents[0], { phase: 'closed', outcome: 'false_alarm', outcome_text: '误按，已向报警人核实' })
  }
)

t.test('[D9] eleven reports are one alert: amber at the third, red before the fifth of people being pressed', async t => {
  const { played, incidents, alerts } = await play('D9')
  t.equal(alerts, 1)
  t.equal(
    first(played, event => event.type === 'alert_raised'),
    2400
  )
  t.equal(
    first(played, event => event.type === 'incident_opened' && event.severity === 'red'),
    4800
  )
  for (const agency of ['police', 'fire', 'city'] as const) t.ok(incidents[0]?.needs.includes(agency), agency)
})

t.test('[D10] a scenic site acts at 80, 90 and 100 % of its capacity and lets go five points under each, as one alert', async t => {
  const { played, incidents, alerts } = await play('D10')
  const turns = played.flatMap(({ at_s, event }) =>
    event.type === 'alert_raised' || event.type === 'alert_changed'
      ? [[event.severity, event.because.with.limit, Math.round(at_s / 60)]]
      : event.type === 'alert_cleared'
        ? [['cleared', event.because.with.limit, Math.round(at_s / 60)]]
        : []
  )
  // 170 more a minute for an hour, then a hundred fewer: 10,000 are allowed.
  t.strictSame(turns, [
    ['yellow', 80, 48],
    ['orange', 90, 53],
    ['red', 100, 59],
    ['orange', 95, 73],
    ['yellow', 85, 83],
    ['cleared', 75, 93]
  ])
  t.equal(alerts, 1)
  t.equal(incidents.length, 1)
  const [incident] = incidents
  t.equal(incident?.kind, 'capacity')
  t.equal(incident?.sop, 'capacity')
  const opened = played.find(({ event }) => event.type === 'incident_opened')?.event
  t.strictSame(opened?.type === 'incident_opened' && opened.ask.map(({ agency }) => agency), [
    'operator',
    'culture_tourism',
    'traffic_police',
    'city'
  ])
  t.strictSame([...(incident?.needs ?? [])].sort(), [
    'city',
    'culture_tourism',
    'guard',
    'medical',
    'operator',
    'police',
    'traffic_police',
    'volunteer'
  ])
  t.ok(
    Object.values(incident?.responses ?? {}).every(
      ({ acknowledged_at, asked_at }) => (acknowledged_at ?? Number.POSITIVE_INFINITY) - asked_at < 15_000
    ),
    'everyone answered within 15 s'
  )
})

t.test('[D12] a power dip in which sixty devices flap: one cause that lists them, a press on top in the same second', async t => {
  const { played, called, incidents } = await play('D12')
  const raised = played.filter(({ event }) => event.type === 'alert_raised').length
  t.ok(raised >= 200, `${raised} alerts were raised`)
  t.strictSame(
    called.map(({ at_s, line }) => [line, Math.round(at_s)]),
    [
      ['drill cause:ups-1', 62],
      ['drill pressed:exit-b', 200],
      ['drill place:plant:water', 301]
    ],
    'and three things were called out in ten minutes'
  )
  t.equal(called.find(({ line }) => line.endsWith('pressed:exit-b'))?.at_s, 200)
  const behind = new Set(played.flatMap(({ event }) => (event.type === 'alert_suppressed' ? [event.id] : [])))
  t.ok(behind.size >= 240, `${behind.size} stood behind their cause and were listed under it`)
  t.strictSame(incidents.map(({ kind, severity }) => `${kind} ${severity}`).sort(), ['outage orange', 'panic red', 'water yellow'])
  const at_night = (kind: string) => incidents.find(one => one.kind === kind)?.responses
  t.equal(at_night('panic')?.['patrol-2']?.status, 'acknowledged')
})

t.test('[D12] and when nobody has said what hangs on what: still one cause, and never ten lines', async t => {
  const { called, incidents } = await play('D12', one => ({
    ...one,
    devices: one.devices.map(({ depends_on: _, ...device }) => device),
    cameras: one.cameras.map(({ depends_on: _, ...camera }) => camera)
  }))
  t.ok(called.length <= 10, `${called.length} lines were called out`)
  t.equal(called.filter(({ line }) => line.includes('pressed')).length, 1)
  t.notOk(
    incidents.some(({ kind, alerts }) => kind === 'device' && alerts.length > 4),
    'nobody was called to sixty devices'
  )
})

t.test('the same scenario played twice happens the same way', async t => {
  const story = ({ played }: { played: readonly Played[] }): unknown[] => played.map(({ at_s, event }) => [at_s, event.type])
  t.strictSame(story(await play('D1')), story(await play('D1')))
})
