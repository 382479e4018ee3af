/**
 * Exercises at the real station: the scenario's devices speak to rules of their own, and what those rules say goes to the real
 * desk, marked as an exercise: real people, real screens, real ladder, and no channel that leaves the station.
 */
import { randomBytes } from 'node:crypto'
import { listenTo } from '../devices/device.ts'
import type { Definitions } from './definitions.ts'
import { type Drill, type DrillEvent, scoreOf } from './domain/drill.ts'
import { emptyRecord } from './domain/forecast-record.ts'
import type { Incident } from './domain/incident.ts'
import { besideOf } from './domain/neighbours.ts'
import type { Refusal } from './domain/refusal.ts'
import type { Zone } from './domain/zone.ts'
import type { DutyRoom } from './duty.ts'
import { openFloor } from './floor.ts'
import { openForesight } from './foresight.ts'
import { openPlaces } from './places.ts'
import type { Answer, Clock, DrillOrder, Entry, History } from './ports.ts'
import { eyesOf, linesOf, profileOf, type Scenario, wordsOf } from './scenario.ts'
import { telemetryOf } from './telemetry.ts'
import { openWatch } from './watch.ts'

export type Drills = {
  readonly list: () => readonly Drill[]
  readonly start: (order: DrillOrder) => Answer<Drill>
  readonly stop: (id: string, by: string) => Answer<Drill>
  /** Any event of the station: something red that is real ends the exercise. */
  readonly heard: (entry: Pick<Entry, 'event'>) => void
  readonly close: () => void
}

type Running = { readonly id: string; readonly close: () => void }
/** People may take longer than the scenario; after this the exercise is over all the same. */
const grace_ms = 15 * 60_000

export const openDrills = ({
  clock,
  duty,
  definitions,
  scenarios,
  zones,
  timezone
}: {
  readonly clock: Clock
  readonly duty: DutyRoom
  readonly definitions: Definitions
  readonly scenarios: ReadonlyMap<string, Scenario>
  readonly zones: readonly Zone[]
  readonly timezone: string
}): Drills => {
  let running: Running | undefined
  const { desk, state } = duty

  const incidentsOf = (id: string): readonly Incident[] => {
    const began_at = state.drills.get(id)?.began_at ?? Number.POSITIVE_INFINITY
    return [...state.incidents.values()].filter(({ drill, opened_at }) => drill && opened_at >= began_at)
  }

  const over = (id: string, why: NonNullable<Drill['why']>, by?: string): Promise<void> => {
    running?.close()
    running = undefined
    const incidents = incidentsOf(id)
    const score = scoreOf(incidents, definitions.sops)
    const event: DrillEvent = {
      type: 'drill_over',
      id,
      at: clock.now(),
      why,
      ...(by !== undefined && { by }),
      incidents: incidents.map(one => one.id),
      score
    }
    const kept = desk.record([event])
    for (const incident of incidents) desk.command(incident.id, { type: 'close', by: by ?? 'station', outcome: 'exercise' })
    for (const alert of [...state.alerts.values()]) {
      if (!alert.drill || alert.phase === 'closed') continue
      desk.alertCommand(alert.id, { type: 'clear', because: { say: 'exercise_over', with: {} } })
      desk.alertCommand(alert.id, { type: 'acknowledge', by: by ?? 'station', episode: 'all' })
      desk.alertCommand(alert.id, { type: 'reset', by: by ?? 'station' })
    }
    return kept
  }

  const play = (id: string, name: string, scenario: Scenario, mapped: Readonly<Record<string, string>>): (() => void) => {
    const zoneFor = zoneMap(scenario, zones, mapped)
    const keyOf = (key: string): string => `drill:${id}:${name}:${key}`
    const template = definitions.templates.get(scenario.template)
    const settings = Object.fromEntries([...definitions.rules.keys()].map(rule => [rule, template?.rules[rule] ?? {}]))
    const watch = openWatch(
      definitions.rules,
      settings,
      key => {
        const found = state.byKey.get(keyOf(key))
        return found === undefined ? undefined : state.alerts.get(found)
      },
      clock,
      (subject, rule, verdict) =>
        void desk.verdict({ ...subject, key: keyOf(subject.key), zone: zoneFor(subject.zone), drill: true }, rule, verdict),
      undefined,
      {
        now: zone => {
          const { standing, settled } = openPlaces(state, zones, true).now(zoneFor(zone))
          return { settled, standing: standing.map(one => ({ ...one, key: one.key.replace(keyOf(''), '') })) }
        },
        beside: zone => besideOf(zone, scenario.zones),
        weighed: ({ zone }, { kinds = [] }, hypothesis) => void desk.weighed(zoneFor(zone), kinds, hypothesis, true)
      }
    )
    const nothing = (): void => undefined
    const foresight = openForesight({ clock, station: id, record: () => emptyRecord, happened: nothing, keep: nothing })
    // Its zones and readings are its own: the station's real figures never show an exercise.
    const stage = openFloor({
      clock,
      zones: scenario.zones,
      history: { keep: async () => undefined } as Pick<History, 'keep'> as History,
      telemetry: telemetryOf(id),
      watch,
      oddities: { hear: () => undefined },
      // What an exercise foresees is no part of the station's record.
      foresight,
      live: { say: nothing, show: nothing, listen: () => nothing, since: () => [], id: () => '' },
      alarmed: async () => undefined,
      saidByRules: () => [],
      tellReading: nothing,
      tellZone: nothing,
      timezone
    })
    const speakers = new Map(
      scenario.devices.map(device => [
        device.id,
        { topic: device.topic, hear: listenTo(profileOf(definitions, device.profile), { ...device, device: device.id }) }
      ])
    )
    const began = clock.now()
    for (const { id: device, zone, silent_after_s } of scenario.devices)
      if (silent_after_s !== undefined) watch.expect(device, zone, began, silent_after_s)
    const cancels = linesOf(scenario)
      .filter(({ at_s }) => at_s <= scenario.lasts_s)
      .map(line =>
        clock.wake(began + line.at_s * 1000, () => {
          const speaker = speakers.get(line.device)
          const said = speaker?.hear(speaker.topic, new TextEncoder().encode(JSON.stringify(line.payload)), clock.now())
          if (said && 'readings' in said && said.readings.length > 0) void stage.hear(said.readings, line.device)
        })
      )
    const eyes = eyesOf(scenario)
      .filter(({ at_s }) => at_s <= scenario.lasts_s)
      .map(eye =>
        clock.wake(began + eye.at_s * 1000, () => {
          const { camera, zone } = eye
          if ('state' in eye) watch.camera({ id: camera, zone, state: eye.state })
          else void stage.see({ camera, at: clock.now(), people_count: eye.people_count, people_count_error: 0, took_ms: 0 }, zone)
        })
      )
    const words = wordsOf(scenario)
      .filter(({ at_s }) => at_s <= scenario.lasts_s)
      .map(word =>
        clock.wake(began + word.at_s * 1000, () => {
          // A report of an exercise is not kept with real ones: the rule alone hears it.
          if ('report' in word) watch.report(word.report, clock.now())
          else if ('open' in word) desk.open({ ...word.open, zone: zoneFor(word.open.zone), drill: true })
        })
      )
    return () => {
      for (const cancel of [...cancels, ...eyes, ...words]) cancel()
      stage.close()
      foresight.close()
      watch.close()
    }
  }

  const answerOf = (id: string, kept: Promise<void>): Answer<Drill> => {
    const drill = state.drills.get(id)
    if (drill === undefined) throw new Error(`drill ${id} is not in the state`)
    return { state: drill, kept }
  }
  const realRed = (): boolean =>
    [...state.incidents.values()].some(({ phase, drill, severity }) => phase === 'open' && !drill && severity === 'red')

  return {
    list: () => [...state.drills.values()].reverse(),
    start: ({ scenarios: names, by, zones: mapped = {} }) => {
      if (running !== undefined) return { refused: 'drill_is_running' }
      if (realRed()) return { refused: 'something_real_is_red' }
      const chosen: [string, Scenario][] = []
      for (const name of names) {
        const scenario = scenarios.get(name)
        if (scenario === undefined) return { refused: 'no_such_scenario' }
        chosen.push([name, scenario])
      }
      const id = `d-${randomBytes(5).toString('hex')}`
      const kept = desk.record([{ type: 'drill_began', id, at: clock.now(), scenarios: names, by }])
      const parts = chosen.map(([name, scenario]) => play(id, name, scenario, mapped))
      const lasts_s = Math.max(...chosen.map(([, { lasts_s }]) => lasts_s))
      const end = clock.wake(clock.now() + lasts_s * 1000 + grace_ms, () => void over(id, 'played'))
      running = {
        id,
        close: () => {
          end()
          for (const close of parts) close()
        }
      }
      return answerOf(id, kept)
    },
    stop: (id, by) => {
      const drill: Drill | Refusal = state.drills.get(id) ?? { refused: 'no_such_drill' }
      if ('refused' in drill) return drill
      if (drill.phase === 'over') return { refused: 'already_closed' }
      return answerOf(id, over(id, 'stopped', by))
    },
    heard: ({ event }) => {
      if (running === undefined) {
        // A drill that the station's restart cut off.
        if (event.type === 'station_started')
          for (const { id, phase } of [...state.drills.values()]) if (phase === 'running') void over(id, 'restart')
        return
      }
      const red =
        (event.type === 'incident_opened' && event.severity === 'red' && !event.drill) ||
        (event.type === 'incident_worsened' && event.state.severity === 'red' && !event.state.drill)
      if (red) void over(running.id, 'real_alarm')
    },
    close: () => running?.close()
  }
}

/** By what was said, by the same name, by the same use, or the first there is. */
const zoneMap =
  ({ zones: theirs }: Scenario, ours: readonly Zone[], mapped: Readonly<Record<string, string>>) =>
  (zone: string): string => {
    const use = theirs.find(({ id }) => id === zone)?.use
    const found =
      ours.find(({ id }) => id === mapped[zone]) ?? ours.find(({ id }) => id === zone) ?? ours.find(one => one.use === use) ?? ours[0]
    return found?.id ?? zone
  }
