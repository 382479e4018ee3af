/** Counts of a recording held against what somebody counted in it by eye; alerts of a replay against how people closed what happened then. */
import { readFileSync } from 'node:fs'
import type { Event } from '../domain/event.ts'
import type { Incident } from '../domain/incident.ts'
import { type Truth as Known, truthOf as knownOf, type Tally, tally } from '../domain/shadow.ts'
import type { Args } from '../main.ts'
import { SettingsError } from '../settings.ts'

/** People at a second of the recording; nothing where nobody counted. */
export type Truth = (at_s: number) => number | undefined
type File = {
  readonly truth?: readonly { readonly second: number; readonly people: number }[]
  readonly fps?: number
  readonly frames?: readonly { readonly frame: number; readonly boxes: readonly unknown[] }[]
}
const right =
  'right would be: { "truth": [{ "second": 0, "people": 2 }, …] } or { "fps": 10, "frames": [{ "frame": 0, "boxes": [[x, y, w, h], …] }, …] }'

export const truthOf = (file: string, options: Args['options']): Truth => {
  const said = JSON.parse(readFileSync(file, 'utf8')) as File
  if (said.truth !== undefined) {
    const seconds = [...said.truth].sort((a, b) => a.second - b.second)
    return at_s => seconds.findLast(({ second }) => second <= at_s + 1e-6)?.people
  }
  if (said.frames === undefined) throw new SettingsError([`${file} says neither truth nor frames; ${right}`])
  const fps = options['truth-fps'] === undefined ? said.fps : Number(options['truth-fps'])
  if (fps === undefined || !(fps > 0))
    throw new SettingsError([`${file} counts frames but not how many a second; right would be: "fps" in it, or --truth-fps 10`])
  const frames = new Map(said.frames.map(({ frame, boxes }) => [frame, boxes.length]))
  return at_s => frames.get(Math.round(at_s * fps))
}

/** Of each rule and zone, and of each rule on trial: how much of what it said people had closed as handled, and how much as false. */
export const judgedOf = (events: readonly Event[], incidents: readonly Incident[]): Readonly<Record<string, Tally>> => {
  const real = incidents.filter(({ drill }) => !drill)
  const now = Math.max(0, ...events.map(({ at }) => at))
  const truths = new Map<string, Known[]>()
  for (const event of events) {
    if (event.type !== 'alert_raised' && event.type !== 'shadow_fired') continue
    const name = event.type === 'shadow_fired' ? event.id : `${event.rule} ${event.zone}`
    truths.set(name, [...(truths.get(name) ?? []), knownOf(event, real, now).truth])
  }
  return Object.fromEntries([...truths].map(([name, all]) => [name, tally(all)]))
}

type Counted = { readonly at_s: number; readonly scene: { readonly people_count: number; readonly people_count_error: number } }

export const scoreOf = (counted: readonly Counted[], truth: Truth) => {
  const pairs = counted.flatMap(({ at_s, scene }) => {
    const people = truth(at_s)
    return people === undefined ? [] : [{ off: scene.people_count - people, error: scene.people_count_error }]
  })
  const mean = (of: (pair: (typeof pairs)[number]) => number): number => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length
  return {
    pictures: pairs.length,
    mae: mean(({ off }) => Math.abs(off)),
    rmse: Math.sqrt(mean(({ off }) => off ** 2)),
    bias: mean(({ off }) => off),
    inside: mean(({ off, error }) => (Math.abs(off) <= error ? 1 : 0))
  }
}
