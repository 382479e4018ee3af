import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pino } from 'pino'
import { loadDefinitions } from '../definitions.ts'
import { isAlertEvent, isIncidentEvent } from '../domain/event.ts'
import { sayNamed } from '../domain/timeline-telling.ts'
import type { Locale } from '../domain/vocabulary.ts'
import { inLanguage, nameOf } from '../domain/words.ts'
import { openHistory } from '../journal/history.ts'
import { openJournal } from '../journal/journal.ts'
import type { Args } from '../main.ts'
import { type Played, playScenario, readScenario, type Scenario } from '../scenario.ts'
import { SettingsError } from '../settings.ts'
import { replayRecorded } from './replay-recorded.ts'

/** Plays a scenario or a recording as an exercise, in a state folder of its own that is removed afterwards. */
export const replay = async (args: Args): Promise<number> => {
  const { words, options } = args
  const [file] = words
  const speed = options.speed === undefined ? undefined : Number(options.speed)
  if (file === undefined) throw new SettingsError(['no scenario named; right would be: replay edge/demo/scenarios/D1.yaml'])
  if (speed !== undefined && !(speed > 0))
    throw new SettingsError([`--speed ${options.speed}: not a speed; right would be: a number above 0, for example 60`])
  const dir = await mkdtemp(join(tmpdir(), 'qianshao-replay-'))
  const log = pino({ level: 'error' }, process.stderr)
  const journal = await openJournal({ dir, log })
  const history = await openHistory({ dir, log, max_bytes: 100_000_000, max_age_ms: 86_400_000 })
  try {
    const definitions = await loadDefinitions()
    const hear = (played: Played, of: Pick<Scenario, 'zones' | 'units'>): void =>
      void process.stdout.write(`${options.json ? JSON.stringify({ at_s: played.at_s, ...played.event }) : tell(played, of, 'zh-CN')}\n`)
    if (!/\.ya?ml$/.test(file)) {
      await replayRecorded(file, args, { definitions, journal, history, hear })
      return 0
    }
    const scenario = readScenario(file)
    const duty = await playScenario(scenario, {
      definitions,
      journal,
      history,
      start: Date.UTC(2026, 0, 1),
      hear: played => hear(played, scenario),
      ...(speed !== undefined && { pace: async (from_s: number, to_s: number) => void (await wait(((to_s - from_s) * 1000) / speed)) })
    })
    await duty.close()
  } finally {
    await journal.close()
    await history.close()
    await rm(dir, { recursive: true, force: true })
  }
  return 0
}

const tell = ({ at_s, event }: Played, { zones, units }: Pick<Scenario, 'zones' | 'units'>, locale: Locale): string => {
  const named = (of: readonly { id: string; name: string }[]) => (id: string) => of.find(one => one.id === id)?.name ?? id
  const minute = `${String(Math.floor(at_s / 60)).padStart(3)}:${String(Math.floor(at_s % 60)).padStart(2, '0')}`
  const because = 'because' in event ? sayNamed(event.because, { zone: named(zones), unit: named(units) }, locale) : ''
  const severity = 'severity' in event ? nameOf('level', event.severity, locale) : ''
  const people =
    'ask' in event
      ? event.ask.map(({ unit }) => unit).join(' ')
      : 'unit' in event && 'status' in event
        ? `${event.unit} ${nameOf('status', event.status, locale)}`
        : ''
  const silent = 'silent' in event ? `${event.silent.map(agency => nameOf('agency', agency, locale)).join(' ')} 未签收` : ''
  const camera =
    event.type === 'camera_changed' ? `${event.id} ${nameOf('state', event.state, locale)} ${inLanguage(event.why, locale)}` : ''
  const mark = event.type === 'shadow_fired' ? '试行' : isAlertEvent(event) || isIncidentEvent(event) ? '演练' : '    '
  return [minute, mark, event.type.padEnd(20), severity, because, silent, people, camera].filter(Boolean).join('  ')
}
