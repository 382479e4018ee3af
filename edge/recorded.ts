/**
 * What a station saw and heard, line by line (JSON Lines): scenes of its cameras, readings of its devices. Played through the same zones
 * and rules with a clock that is moved, with nobody called: for tuning, and for showing what a rule on trial would have done.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { movedClock } from './clock.ts'
import type { Config } from './config.ts'
import type { Definitions } from './definitions.ts'
import type { Event } from './domain/event.ts'
import { type Quantity, quantities } from './domain/vocabulary.ts'
import { type DutyRoom, openDuty } from './duty.ts'
import type { History, Journal } from './ports.ts'
import { settled } from './scenario.ts'
import { SettingsError } from './settings.ts'

const Time = Type.String({ title: 'RFC 3339' })
const Sight = {
  people_count: Type.Number({ minimum: 0 }),
  people_count_error: Type.Number({ minimum: 0 }),
  density_per_m2: Type.Optional(Type.Number({ minimum: 0 })),
  seen_m2: Type.Optional(Type.Number({ minimum: 0 }))
}
export const SceneLine = Type.Object({
  at: Time,
  camera: Type.String(),
  zone: Type.String(),
  ...Sight,
  zones: Type.Optional(Type.Array(Type.Object({ zone: Type.String(), ...Sight, seen_m2: Type.Number({ minimum: 0 }) })))
})
export const ReadingLine = Type.Object({
  at: Time,
  device: Type.String(),
  zone: Type.String(),
  quantity: Type.Enum(Object.keys(quantities) as Quantity[]),
  value: Type.Number()
})
export type RecordedLine = Static<typeof SceneLine> | Static<typeof ReadingLine>

export async function* readRecorded(file: string): AsyncGenerator<RecordedLine> {
  let number = 0
  for await (const text of createInterface({ input: createReadStream(file) })) {
    number++
    if (text.trim() === '') continue
    const line = parsed(text)
    if (!Value.Check(SceneLine, line) && !Value.Check(ReadingLine, line))
      throw new SettingsError([
        `${file}: line ${number} is neither a scene nor a reading; right would be: {"at":"2026-11-28T08:00:00+08:00","camera":"cam-1","zone":"platform-1","people_count":12,"people_count_error":3} or {"at":…,"device":…,"zone":…,"quantity":…,"value":…}`
      ])
    yield line
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export type Replay = {
  readonly config: Config
  readonly definitions: Definitions
  readonly journal: Journal
  readonly history: History
  readonly hear: (event: Event) => void
}

/** Plays the lines and stays a minute longer, so that what falls silent is noticed. Answers the duty room as it then is. */
export const playRecorded = async (
  lines: AsyncIterable<RecordedLine> | Iterable<RecordedLine>,
  { config, definitions, journal, history, hear }: Replay
): Promise<{ readonly duty: DutyRoom; readonly lines: number; readonly from: number; readonly to: number }> => {
  const template = definitions.templates.get(config.station.template)
  if (template === undefined) throw new Error(`there is no template ${config.station.template}`)
  const zones = new Set(config.zones.map(({ id }) => id))
  const cameras = new Set(config.cameras.map(({ id }) => id))
  let clock: ReturnType<typeof movedClock> | undefined
  let duty: DutyRoom | undefined
  let [count, from, seen] = [0, 0, 0]
  const report = async (): Promise<void> => {
    if (journal.last() === seen) return
    await settled(journal)
    for (const { seq, event } of journal.read(seen, 1000)) {
      seen = seq
      hear(event)
    }
  }
  for await (const line of lines) {
    const at = Date.parse(line.at)
    if (Number.isNaN(at)) throw new SettingsError([`"${line.at}" is not a time; right would be: 2026-11-28T08:00:00+08:00`])
    if (!zones.has(line.zone))
      throw new SettingsError([
        `the recording speaks of zone ${line.zone}; right would be: one of ${[...zones].join(', ')} in station.yaml`
      ])
    if (clock === undefined || duty === undefined) {
      from = at
      clock = movedClock(at)
      duty = openDuty({
        clock,
        journal,
        history,
        station: { id: config.station.id, timezone: config.station.timezone, version: 'replay' },
        zones: config.zones,
        units: config.units,
        template,
        calendar: config.calendar,
        rules: definitions.rules,
        ruleSettings: config.rules,
        shadows: config.shadow,
        log: () => undefined,
        drill: true
      })
      seen = journal.last() - 1
    }
    count++
    // A line that comes late was heard late, too.
    clock.advance(Math.max(0, at - clock.now()))
    if ('camera' in line) {
      const { zone, ...scene } = line
      void duty.see({ ...scene, at: clock.now(), took_ms: 0 } as Parameters<DutyRoom['see']>[0], zone)
    } else {
      const reading = { ...line, at: clock.now(), quality: 'good' as const }
      // A camera's count was kept as a reading; its silence is not a device's.
      if (cameras.has(line.device)) void duty.floor.seen([reading])
      else void duty.hear([reading], line.device)
    }
    await report()
  }
  if (clock === undefined || duty === undefined) throw new SettingsError(['the recording is empty; right would be: one line or more'])
  const to = clock.now()
  clock.advance(60_000)
  await report()
  return { duty, lines: count, from, to }
}
