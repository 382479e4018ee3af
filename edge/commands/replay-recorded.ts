/** What a camera recorded, or what a station kept, through the pipeline of a station.yaml: which alerts, sooner or later, true or not. */
import { createWriteStream, existsSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Config } from '../config.ts'
import type { Definitions } from '../definitions.ts'
import type { Tally } from '../domain/shadow.ts'
import { packsOf } from '../ingest/cameras.ts'
import { scenesAtOnce } from '../ingest/vision/at-once.ts'
import type { Counter } from '../ingest/vision/counter.ts'
import type { CameraOrder } from '../ingest/vision/messages.ts'
import { openModel, shippedModels } from '../ingest/vision/open-model.ts'
import { keptIncidents } from '../journal/kept-incidents.ts'
import type { Args } from '../main.ts'
import type { History, Journal } from '../ports.ts'
import { playRecorded, type RecordedLine, readRecorded } from '../recorded.ts'
import type { Played } from '../scenario.ts'
import { SettingsError } from '../settings.ts'
import { keptLines } from './export.ts'
import { configOf } from './run.ts'
import { judgedOf, scoreOf, truthOf } from './truth.ts'

type Play = {
  readonly definitions: Definitions
  readonly journal: Journal
  readonly history: History
  readonly hear: (played: Played, of: Config) => void
}

export const replayRecorded = async (file: string, args: Args, { definitions, journal, history, hear }: Play): Promise<void> => {
  if (!existsSync(file))
    throw new SettingsError([`there is no ${file}; right would be: a scenario, a recording, a .jsonl file or a state folder`])
  const { config } = configOf(args, definitions)
  const { json } = args.options
  let from: number | undefined
  const counted: { at_s: number; scene: { people_count: number; people_count_error: number } }[] = []
  const lines = statSync(file).isDirectory()
    ? keptLines(file, args.options)
    : /\.jsonl$/.test(file)
      ? readRecorded(file)
      : counting(file, args, config, one => void counted.push(one))
  const played = await playRecorded(lines, {
    config,
    definitions,
    journal,
    history,
    hear: event => {
      from ??= event.at
      hear({ at_s: (event.at - from) / 1000, event }, config)
    }
  })
  const { truth } = args.options
  const score = typeof truth === 'string' ? scoreOf(counted, truthOf(truth, args.options)) : undefined
  const events = journal.read(0, 1_000_000).map(({ event }) => event)
  const summary = {
    lines: played.lines,
    seconds: (played.to - played.from) / 1000,
    alerts: timesOf(events.flatMap(event => (event.type === 'alert_raised' ? [`${event.rule} ${event.zone}`] : []))),
    shadow: Object.fromEntries(
      config.shadow.map(({ id }) => [id, events.filter(event => event.type === 'shadow_fired' && event.id === id).length])
    ),
    ...(score && { score }),
    // The station's own people have judged what happened then.
    ...(statSync(file).isDirectory() && { judged: judgedOf(events, keptIncidents(file)) })
  }
  await played.duty.close()
  process.stdout.write(json ? `${JSON.stringify({ type: 'summary', ...summary })}\n` : `${told(summary)}\n`)
}

const timesOf = (of: readonly string[]): Readonly<Record<string, number>> => {
  const times: Record<string, number> = {}
  for (const one of of) times[one] = (times[one] ?? 0) + 1
  return times
}

type Summary = {
  readonly lines: number
  readonly seconds: number
  readonly alerts: Readonly<Record<string, number>>
  readonly shadow: Readonly<Record<string, number>>
  readonly score?: ReturnType<typeof scoreOf>
  readonly judged?: ReturnType<typeof judgedOf>
}

const told = ({ lines, seconds, alerts, shadow, score, judged = {} }: Summary): string =>
  [
    `\n共 ${lines} 行，${(seconds / 60).toFixed(1)} 分钟 · ${lines} lines, ${(seconds / 60).toFixed(1)} min`,
    ...Object.entries(alerts).map(([what, n]) => `预警 alert     ${what}: ${n}${judgement(judged[what])}`),
    ...Object.entries(shadow).map(
      ([id, n]) => `试行 on trial  ${id}: 本会触发 ${n} 次 would have fired ${n} times${judgement(judged[id])}`
    ),
    ...(score === undefined
      ? []
      : [
          `与真值比较 beside the truth: ${score.pictures} pictures, MAE ${score.mae.toFixed(2)}, RMSE ${score.rmse.toFixed(2)}, bias ${score.bias.toFixed(2)}, inside the stated error ${(100 * score.inside).toFixed(0)} %`
        ])
  ].join('\n')

const judgement = (of: Tally | undefined): string =>
  of === undefined ? '' : `，属实 ${of.true} 次、误报 ${of.false} 次 (${of.true} true, ${of.false} false)`

/** Counts the recording as the camera named, and hands each scene on; `--scenes FILE` keeps them, so that rules are tuned without counting again. */
async function* counting(
  file: string,
  { options }: Args,
  config: Config,
  seen: (counted: { at_s: number; scene: { people_count: number; people_count_error: number } }) => void
): AsyncGenerator<RecordedLine> {
  const id = options.camera ?? config.cameras[0]?.id
  const camera = config.cameras.find(one => one.id === id)
  if (camera === undefined)
    throw new SettingsError([
      `--camera ${id}: no such camera; right would be: one of ${config.cameras.map(one => one.id).join(', ')} of station.yaml`
    ])
  const fps = options.fps === undefined ? camera.fps : Number(options.fps)
  if (!(fps > 0)) throw new SettingsError([`--fps ${options.fps}: not a rate; right would be: a number above 0, for example 2`])
  const { zone, ground = [], masks, size_px } = camera
  const order: CameraOrder = { id: camera.id, url: resolve(file), password: undefined, fps, ground, masks, size_px, scale: undefined }
  const counter = await modelOf(typeof options.model === 'string' ? options.model : config.vision.model, config.state_dir)
  const zones = config.zones.flatMap(({ id, outline }) => (outline === undefined ? [] : [{ id, outline }]))
  const started_at = statSync(file).mtimeMs
  const keep = typeof options.scenes === 'string' ? createWriteStream(options.scenes) : undefined
  for await (const { at_s, scene } of scenesAtOnce(order, counter, zones, started_at)) {
    seen({ at_s, scene })
    const { at, zones: sights, ...of } = scene
    const line = { at: new Date(at).toISOString(), zone, ...of, ...(sights && { zones: [...sights] }) }
    keep?.write(`${JSON.stringify(line)}\n`)
    yield line
  }
  await new Promise<void>(kept => (keep === undefined ? kept() : keep.end(() => kept())))
}

const modelOf = async (name: string, state_dir: string): Promise<Counter> => {
  const opened = await openModel(basename(name), shippedModels.href, packsOf(state_dir).href)
  if ('refused' in opened) throw new SettingsError([`--model ${name}: ${opened.refused}; right would be: a folder in models, or a pack`])
  return opened.counter
}
