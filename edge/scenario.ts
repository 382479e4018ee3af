/** A recorded scenario: at once test, demo and drill. What was heard second by second, at a station of its own. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Static, Type } from 'typebox'
import { type DeviceProfile, listenTo } from '../devices/device.ts'
import { movedClock } from './clock.ts'
import { Config } from './config.ts'
import type { Definitions } from './definitions.ts'
import { wiringOf } from './domain/dependency.ts'
import type { Event } from './domain/event.ts'
import type { Reading } from './domain/reading.ts'
import { onDuty } from './domain/roster.ts'
import {
  type CameraState,
  cameraStates,
  type IncidentKind,
  incidentKinds,
  type Outcome,
  outcomes,
  type ResponseStatus,
  severities
} from './domain/vocabulary.ts'
import type { ZoneNow } from './domain/zone.ts'
import { type DutyRoom, openDuty } from './duty.ts'
import type { History, Journal } from './ports.ts'
import { type Mistake, readSettings } from './settings.ts'

const second = (title: string) => Type.Number({ title, minimum: 0 })
const strict = { additionalProperties: false }

export const Scenario = Type.Object(
  {
    scenario: Type.String({ title: 'Number of the scenario', minLength: 1, examples: ['D1'] }),
    name: Type.Object(
      { 'zh-CN': Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) },
      { ...strict, title: 'Name in both languages' }
    ),
    template: Type.String({ title: 'Station template', examples: ['transport-hub'] }),
    lasts_s: second('How long it lasts, seconds'),
    zones: Config.properties.zones,
    units: Config.properties.units,
    devices: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          profile: Type.String(),
          zone: Type.String(),
          topic: Type.String(),
          depends_on: Type.Optional(Type.Array(Type.String(), { title: 'What it hangs on' })),
          silent_after_s: Type.Optional(second('Silent after, seconds'))
        },
        strict
      ),
      { title: 'Devices that speak' }
    ),
    cameras: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          zone: Type.String(),
          people_count: Type.Number({ title: 'Counted while it sees', minimum: 0 }),
          depends_on: Type.Optional(Type.Array(Type.String(), { title: 'What it hangs on' }))
        },
        strict
      ),
      { default: [], title: 'Cameras that count, twice a second' }
    ),
    eyes: Type.Array(
      Type.Object(
        {
          at_s: second('When, seconds from the start'),
          camera: Type.String(),
          state: Type.Enum(Object.keys(cameraStates) as CameraState[]),
          why: Type.String({ title: 'What is found, as the station says it', default: '' })
        },
        strict
      ),
      { default: [], title: 'What becomes of the cameras; before that they are live' }
    ),
    says: Type.Array(
      Type.Object(
        {
          at_s: second('When, seconds from the start'),
          device: Type.String(),
          payload: Type.Unknown({ title: 'What the device publishes' })
        },
        strict
      ),
      { default: [], title: 'What is heard' }
    ),
    rounds: Type.Array(
      Type.Object(
        {
          from_s: second('Begin'),
          to_s: second('End'),
          every_s: Type.Number({ title: 'Pace', exclusiveMinimum: 0 }),
          devices: Type.Array(Type.String(), { minItems: 1 }),
          payload: Type.Unknown({ title: 'What each of them publishes' })
        },
        strict
      ),
      { default: [], title: 'What several devices say again and again' }
    ),
    ramps: Type.Array(
      Type.Object(
        {
          from_s: second('Begin'),
          to_s: second('End'),
          every_s: Type.Number({ title: 'Pace', exclusiveMinimum: 0 }),
          device: Type.String(),
          quantity: Type.String(),
          from: Type.Number(),
          to: Type.Number()
        },
        strict
      ),
      { default: [], title: 'Values that change evenly, spoken by a generic JSON device' }
    ),
    reports: Type.Array(
      Type.Object(
        {
          at_s: second('When, seconds from the start'),
          zone: Type.String(),
          kind: Type.String({ title: 'Of what', default: 'crowd' }),
          text: Type.String({ title: 'In what words', minLength: 1 }),
          by: Type.String({ title: 'Who takes it in', default: 'desk' })
        },
        strict
      ),
      { default: [], title: 'What people report' }
    ),
    opens: Type.Array(
      Type.Object(
        {
          at_s: second('When, seconds from the start'),
          kind: Type.Enum(Object.keys(incidentKinds) as IncidentKind[]),
          zone: Type.String(),
          severity: Type.Enum([...severities]),
          text: Type.String({ minLength: 1 }),
          by: Type.String({ title: 'Who opens it', default: 'desk' })
        },
        strict
      ),
      { default: [], title: 'Incidents that are opened by hand' }
    ),
    answers: Type.Array(
      Type.Object(
        {
          unit: Type.String(),
          after_s: second('Seconds from being asked'),
          going_s: Type.Optional(second('When it sets off, seconds from being asked')),
          there_s: Type.Optional(second('When it is there')),
          done_s: Type.Optional(second('When it has done what there was to do'))
        },
        strict
      ),
      { default: [], title: 'Units that answer; the others stay silent' }
    ),
    ends: Type.Array(
      Type.Object(
        {
          at_s: second('When, seconds from the start'),
          zone: Type.String(),
          by: Type.String({ title: 'Who closes what is open there, as duty commander' }),
          with: Type.Optional(Type.String({ title: 'Who gives the all-clear besides, as an officer' })),
          outcome: Type.Enum(Object.keys(outcomes) as Outcome[]),
          text: Type.Optional(Type.String({ title: 'Why so', minLength: 1 }))
        },
        strict
      ),
      { default: [], title: 'Incidents that are closed' }
    )
  },
  strict
)
export type Scenario = Static<typeof Scenario>
export type Line = { readonly at_s: number; readonly device: string; readonly payload: unknown }
/** What a camera counts, or what becomes of it. */
export type Eye = { readonly at_s: number; readonly camera: string; readonly zone: string } & (
  | { readonly state: CameraState; readonly why: string }
  | { readonly people_count: number }
)

/** Every scenario that ships with the station, by its file's name. */
export const readScenarios = (folder = new URL('./demo/scenarios/', import.meta.url)): ReadonlyMap<string, Scenario> =>
  new Map(
    readdirSync(folder)
      .filter(file => file.endsWith('.yaml'))
      .sort()
      .map(file => [file.replace(/\.yaml$/, ''), readScenario(fileURLToPath(new URL(file, folder)))])
  )

export const readScenario = (file: string): Scenario => readSettings(Scenario, file, namesExist)

const namesExist = ({
  devices,
  cameras,
  eyes,
  says,
  rounds,
  ramps,
  reports,
  opens,
  answers,
  ends,
  units,
  zones
}: Scenario): readonly Mistake[] => {
  const known = (path: string, name: string, from: readonly string[], what: string): readonly Mistake[] =>
    from.includes(name) ? [] : [{ path, wrong: `there is no ${what} "${name}"`, right: `right would be: one of ${from.join(', ')}` }]
  const ids = devices.map(device => device.id)
  const places = zones.map(one => one.id)
  return [
    ...reports.flatMap(({ zone }, i) => known(`/reports/${i}/zone`, zone, places, 'zone')),
    ...opens.flatMap(({ zone }, i) => known(`/opens/${i}/zone`, zone, places, 'zone')),
    ...ends.flatMap(({ zone }, i) => known(`/ends/${i}/zone`, zone, places, 'zone')),
    ...devices.flatMap(({ zone }, i) => known(`/devices/${i}/zone`, zone, places, 'zone')),
    ...cameras.flatMap(({ zone }, i) => known(`/cameras/${i}/zone`, zone, places, 'zone')),
    ...eyes.flatMap(({ camera }, i) =>
      known(
        `/eyes/${i}/camera`,
        camera,
        cameras.map(one => one.id),
        'camera'
      )
    ),
    ...says.flatMap(({ device }, i) => known(`/says/${i}/device`, device, ids, 'device')),
    ...rounds.flatMap(({ devices }, i) => devices.flatMap((device, n) => known(`/rounds/${i}/devices/${n}`, device, ids, 'device'))),
    ...ramps.flatMap(({ device }, i) => known(`/ramps/${i}/device`, device, ids, 'device')),
    ...answers.flatMap(({ unit }, i) =>
      known(
        `/answers/${i}/unit`,
        unit,
        units.map(one => one.id),
        'unit'
      )
    )
  ]
}

/** Everything that is said, in order. */
export const linesOf = ({ says, rounds, ramps }: Scenario): readonly Line[] =>
  [
    ...says,
    ...rounds.flatMap(({ from_s, to_s, every_s, devices, payload }) =>
      Array.from({ length: Math.floor((to_s - from_s) / every_s) + 1 }, (_, i) => i).flatMap(i =>
        devices.map(device => ({ at_s: from_s + i * every_s, device, payload }))
      )
    ),
    ...ramps.flatMap(({ from_s, to_s, every_s, device, quantity, from, to }) =>
      Array.from({ length: Math.floor((to_s - from_s) / every_s) + 1 }, (_, i) => {
        const at_s = from_s + i * every_s
        const part = to_s === from_s ? 1 : (at_s - from_s) / (to_s - from_s)
        return { at_s, device, payload: { [quantity]: Math.round((from + (to - from) * part) * 1000) / 1000 } }
      })
    )
  ].sort((a, b) => a.at_s - b.at_s)

export type Word = { readonly at_s: number } & (
  | { readonly report: Scenario['reports'][number] }
  | { readonly open: Omit<Scenario['opens'][number], 'at_s'> }
  | { readonly end: Scenario['ends'][number] }
)
/** What people say and do of their own accord, in order. */
export const wordsOf = ({ reports, opens, ends }: Scenario): readonly Word[] =>
  [
    ...reports.map(report => ({ at_s: report.at_s, report })),
    ...opens.map(({ at_s, ...open }) => ({ at_s, open })),
    ...ends.map(end => ({ at_s: end.at_s, end }))
  ].sort((a, b) => a.at_s - b.at_s)

const counted_every_s = 0.5

/** What the cameras see and no longer see, in order. */
export const eyesOf = ({ cameras, eyes, lasts_s }: Scenario): readonly Eye[] =>
  cameras
    .flatMap(({ id: camera, zone, people_count }): readonly Eye[] => {
      const states = [
        { at_s: 0, state: 'live' as CameraState, why: '' },
        ...eyes.filter(eye => eye.camera === camera).sort((a, b) => a.at_s - b.at_s)
      ]
      return states.flatMap(({ at_s, state, why }, i): readonly Eye[] => {
        const until_s = states[i + 1]?.at_s ?? lasts_s
        const counts = state === 'live' ? Math.max(0, Math.ceil((until_s - at_s) / counted_every_s) - 1) : 0
        return [
          { at_s, camera, zone, state, why },
          ...Array.from({ length: counts }, (_, n) => ({ at_s: at_s + (n + 1) * counted_every_s, camera, zone, people_count }))
        ]
      })
    })
    .sort((a, b) => a.at_s - b.at_s)

export type Played = { readonly at_s: number; readonly event: Event }
export type Play = {
  readonly definitions: Definitions
  readonly journal: Journal
  readonly history: History
  readonly start: number
  /** Each event as it happens. */
  readonly hear: (played: Played) => void
  /** Each zone as it is shown. */
  readonly show?: (at_s: number, zone: ZoneNow) => void
  /** Which lines of the board are called out. */
  readonly call?: (at_s: number, lines: readonly string[]) => void
  /** Waits between two moments, for a replay that people watch; a replay without it runs as fast as it can. */
  readonly pace?: (from_s: number, to_s: number) => Promise<void>
}

/** Plays the scenario through the very same rules, desk and ladder, as an exercise, with a clock that is moved. */
export const playScenario = async (
  scenario: Scenario,
  { definitions, journal, history, start, hear, show, call, pace }: Play
): Promise<DutyRoom> => {
  const clock = movedClock(start)
  const template = definitions.templates.get(scenario.template)
  if (template === undefined) throw new Error(`there is no template ${scenario.template}`)
  const duty = openDuty({
    clock,
    journal,
    history,
    station: { id: 'replay', timezone: 'Asia/Shanghai', version: 'replay' },
    zones: scenario.zones,
    units: scenario.units,
    template,
    rules: definitions.rules,
    wiring: wiringOf([...scenario.devices, ...scenario.cameras]),
    log: () => undefined,
    tell: { zone: zone => show?.((clock.now() - start) / 1000, zone) },
    drill: true
  })
  const speakers = new Map(
    scenario.devices.map(device => [device.id, listenTo(profileOf(definitions, device.profile), { ...device, device: device.id })])
  )
  for (const { id, zone, silent_after_s } of scenario.devices)
    if (silent_after_s !== undefined) duty.watch.expect(id, zone, start, silent_after_s)
  const topics = new Map(scenario.devices.map(device => [device.id, device.topic]))
  const answers = new Map(scenario.answers.map(answer => [answer.unit, answer]))
  let seen = journal.last() - 1
  const report = (): void => {
    for (const { seq, event } of journal.read(seen, 1000)) {
      seen = seq
      hear({ at_s: (event.at - start) / 1000, event })
    }
  }
  duty.live.listen(({ type, data }) => {
    if (type === 'board') {
      const { called } = data as { readonly called: readonly string[] }
      if (called.length > 0) call?.((clock.now() - start) / 1000, called)
    }
    if (type !== 'incident') return
    const { id, responses } = data as { id: string; responses: Record<string, { unit: string; status: string; asked_at: number }> }
    for (const { unit, status, asked_at } of Object.values(responses)) {
      const answer = answers.get(unit)
      if (
        status !== 'asked' ||
        answer === undefined ||
        !scenario.units.some(one => one.id === unit && onDuty(one, clock.now(), 'Asia/Shanghai'))
      )
        continue
      for (const [status, after_s] of comesAlong(answer))
        clock.wake(asked_at + after_s * 1000, () => void duty.desk.command(id, { type: 'respond', unit, by: unit, status }))
    }
  })

  let at_s = 0
  const moveTo = async (next_s: number): Promise<void> => {
    // Whole seconds at a time, so that a watched replay shows the escalation when it happens.
    while (at_s < next_s) {
      const to_s = Math.min(next_s, Math.floor(at_s) + 1)
      await pace?.(at_s, to_s)
      clock.advance((to_s - at_s) * 1000)
      at_s = to_s
    }
    await settled(journal)
    report()
  }
  const see = (eye: Eye): void => {
    const { camera, zone } = eye
    if ('state' in eye) void duty.camera({ id: camera, zone, state: eye.state }, eye.why)
    else void duty.see({ camera, at: clock.now(), people_count: eye.people_count, people_count_error: 0, took_ms: 0 }, zone)
  }
  let reported = 0
  const hearWord = (word: Word): void => {
    if ('open' in word) duty.desk.open(word.open)
    else if ('end' in word) {
      const { zone, by, with: other, outcome, text } = word.end
      for (const { id } of [...duty.state.incidents.values()].filter(one => one.phase === 'open' && one.zone === zone)) {
        if (other !== undefined) {
          duty.desk.command(id, { type: 'all_clear', by, role: 'duty_commander' })
          duty.desk.command(id, { type: 'all_clear', by: other, role: 'officer' })
        }
        duty.desk.command(id, { type: 'close', by, outcome, ...(text !== undefined && { text }) })
      }
    } else {
      const { zone, kind, text, by } = word.report
      void duty.report({ type: 'report_received', id: `r-${++reported}`, at: clock.now(), zone, kind, text, by })
    }
  }
  for (const line of [...linesOf(scenario), ...eyesOf(scenario), ...wordsOf(scenario)].sort((a, b) => a.at_s - b.at_s)) {
    if (line.at_s > scenario.lasts_s) break
    await moveTo(line.at_s)
    if ('camera' in line) {
      see(line)
      continue
    }
    if ('report' in line || 'open' in line || 'end' in line) {
      hearWord(line)
      continue
    }
    const said = speakers.get(line.device)?.(
      topics.get(line.device) ?? '',
      new TextEncoder().encode(JSON.stringify(line.payload)),
      clock.now()
    )
    if (said && 'unreadable' in said) throw new Error(`${line.device} at ${line.at_s} s: ${said.unreadable}`)
    const readings: readonly Reading[] = said && 'readings' in said ? said.readings : []
    if (readings.length > 0) void duty.hear(readings, line.device)
  }
  await moveTo(scenario.lasts_s)
  return duty
}

/** What becomes of an answer, as far as the scenario tells. */
const comesAlong = ({ after_s, going_s, there_s, done_s }: Scenario['answers'][number]): readonly (readonly [ResponseStatus, number])[] =>
  (
    [
      ['acknowledged', after_s],
      ['en_route', going_s],
      ['on_scene', there_s],
      ['done', done_s]
    ] as const
  ).flatMap(([status, at_s]) => (at_s === undefined ? [] : [[status, at_s] as const]))

export const profileOf = ({ profiles }: Definitions, name: string): DeviceProfile => {
  const profile = profiles.get(name)
  if (profile === undefined) throw new Error(`there is no device profile ${name}; there are ${[...profiles.keys()].join(', ')}`)
  return profile
}

/** Everything appended so far is kept. */
export const settled = async (journal: Journal): Promise<void> => {
  while (journal.keptUpto() < journal.last()) await new Promise(resolve => setImmediate(resolve))
}
