/**
 * How well the station tells what is odd, through the memory and the session that it runs: the Numenta benchmark in three profiles
 * and by nested choice, SKAB, and what a thousand series cost. `npm run bench -- anomaly`; some minutes.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { askAbout, blocks_kept, learn, parts, rowOf, type Said, startMemory } from '../../edge/domain/usual.ts'
import { type Ask, openSeriesModel } from '../../edge/ingest/oddity/judge.ts'
import { bestOf, course, type ProfileName, profiles, type Scored, scoreAt, told } from '../../models/nab.ts'
import oddity from '../../models/oddity/model.ts'
import { data } from '../support/data.ts'
import { type NabSeries, published, readNab } from '../support/nab.ts'
import { chance } from '../support/series.ts'
import type { Bench, Figure, Skipped } from './measure.ts'

/** What the model said of each row: its score as the station takes it, its ratios, and whether its band held the value. */
type Judgement = { readonly scores: Float32Array; readonly ratios: Float32Array; readonly inside: readonly (boolean | undefined)[] }

const judge = async (all: readonly NabSeries[], ask: Ask): Promise<ReadonlyMap<NabSeries, Judgement>> => {
  const found = new Map(
    all.map(one => [one, { scores: new Float32Array(one.rows), ratios: new Float32Array(one.rows * 4), inside: [] as boolean[] }])
  )
  for (const steps_a_day of new Set(all.map(one => one.steps_a_day))) {
    const group = all.filter(one => one.steps_a_day === steps_a_day)
    const memory = startMemory(steps_a_day, group.length)
    for (const { name } of group) rowOf(memory, name)
    for (let row = 0; row < Math.max(...group.map(({ rows }) => rows)); row++) {
      const values = Float32Array.from(group, one => one.values[row] ?? Number.NaN)
      const said = await ask(askAbout(memory, values))
      if ('refused' in said) throw new Error(said.refused)
      const scores = learn(memory, values, said)
      group.forEach((one, i) => {
        const judged = found.get(one)
        const value = one.values[row]
        if (judged === undefined || value === undefined) return
        judged.scores[row] = scores[i] ?? 0
        for (let part = 0; part < 4; part++) judged.ratios[row * 4 + part] = said.ratios[i * 4 + part] ?? 0
        const low = said.low[i] ?? Number.NaN
        if (!Number.isNaN(low)) judged.inside[row] = value >= low && value <= (said.high[i] ?? 0)
      })
    }
  }
  return found
}

/** Settings among which the nested choice is made; ours is one of them. Many more were looked at on the way, see the card. */
const settings = [
  [1, 1, 1],
  [1, 1, 2],
  [2, 1, 2],
  [1, 0, 1]
].flatMap(weights => [0, 0.4, 0.5, 0.6].flatMap(hour => [60, 100].map(quiet => ({ weights, hour, quiet }))))
type Setting = (typeof settings)[number]

const scoresBy = ({ weights, hour, quiet }: Setting, { ratios, inside }: Judgement, rows: number): Float32Array => {
  const [same = 0, level = 0, novel = 0] = weights
  const raw = new Float32Array(rows)
  const quietened = new Float32Array(rows)
  let known = 0
  for (let row = 0; row < rows; row++) {
    const at = (part: number): number => ratios[row * 4 + part] ?? 0
    // As in the graph: before there are sixty residuals the other two speak alone.
    const weight = (known < 60 ? 0 : same) + level + novel
    raw[row] = Math.max((same * at(0) + level * at(1) + novel * at(2)) / weight, hour * at(3))
    if (inside[row] !== undefined) known++
    let most = 0
    for (let before = Math.max(0, row - quiet); before < row; before++) most = Math.max(most, raw[before] ?? 0)
    quietened[row] = (raw[row] ?? 0) > most ? (raw[row] ?? 0) : 0
  }
  return quietened
}

const names: readonly ProfileName[] = ['standard', 'low_fp', 'low_fn']
const two = (value: number): string => value.toFixed(2).padStart(7)

const nab = async (root: string, ask: Ask, say: Bench['say']): Promise<number> => {
  const all = readNab(root)
  const judged = await judge(all, ask)
  const scored = (of: readonly NabSeries[], how: (judgement: Judgement, rows: number) => Float32Array): Scored[] =>
    of.map(file => ({ file, scores: how(judged.get(file) as Judgement, file.rows) }))
  const ours = (of: readonly NabSeries[]): Scored[] => scored(of, ({ scores }) => scores)
  const halves = { a: all.filter(({ half }) => half === 'a'), b: all.filter(({ half }) => half === 'b') }

  say('NAB 1.1, 58 series                    standard  low FP  low FN')
  const theirs = published(root)
  const rows: [string, readonly number[]][] = Object.entries(theirs).map(([name, by]) => [
    `published: ${name}`,
    [by.standard ?? 0, by.reward_low_FP_rate ?? 0, by.reward_low_FN_rate ?? 0]
  ])
  const own = names.map(name => bestOf(course(ours(all), profiles[name])))
  rows.push(['oddity (ours)', own.map(({ score }) => score)])
  for (const [name, figures] of rows.sort(([, a], [, b]) => (b[0] ?? 0) - (a[0] ?? 0)))
    say(`${name.padEnd(38)}${figures.map(two).join(' ')}`)

  const at = (of: readonly NabSeries[]) => course(ours(of), profiles.standard)
  const [a, b] = [at(halves.a), at(halves.b)]
  say(
    `threshold of the other half, standard: b by a ${two(scoreAt(b, bestOf(a).threshold))}, a by b ${two(scoreAt(a, bestOf(b).threshold))}`
  )
  const nested = (chosenOn: readonly NabSeries[], judgedOn: readonly NabSeries[]): string => {
    const tried = settings.map(setting => {
      const by = (judgement: Judgement, length: number): Float32Array => scoresBy(setting, judgement, length)
      return { setting, best: bestOf(course(scored(chosenOn, by), profiles.standard)), by }
    })
    const chosen = tried.reduce((most, one) => (one.best.score > most.best.score ? one : most))
    const held = scoreAt(course(scored(judgedOn, chosen.by), profiles.standard), chosen.best.threshold)
    const { weights, hour, quiet } = chosen.setting
    return `${two(held)} (weights ${weights.join(':')}, hour ${hour}, quiet ${quiet}; ${chosen.best.score.toFixed(2)} where it was chosen)`
  }
  say(`nested choice among ${settings.length} settings, standard:`)
  say(`  chosen on a, judged on b ${nested(halves.a, halves.b)}`)
  say(`  chosen on b, judged on a ${nested(halves.b, halves.a)}`)
  for (const threshold of [own[0]?.threshold ?? 0, oddity.odd.from, oddity.odd.very]) {
    const { hit, windows, false_alerts, rows: count } = told(ours(all), threshold)
    say(
      `from ${threshold.toFixed(2)}: ${hit} of ${windows} windows, ${false_alerts} false, ${((false_alerts / count) * 8640).toFixed(1)} a series and 30 days of five minutes`
    )
  }
  const held = all.flatMap(one => (judged.get(one)?.inside ?? []).filter((inside, row) => inside !== undefined && row > one.rows * 0.15))
  say(`the band held ${((100 * held.filter(Boolean).length) / held.length).toFixed(1)} % of the values`)
  return own[0]?.score ?? 0
}

/** Eight sensors of a pump at 1 Hz. The first 400 rows are learnt, as the benchmark does; a row is odd when any sensor is, from the station's own score on. */
const skab = async (root: string, ask: Ask, say: Bench['say']): Promise<void> => {
  const sum = { right: 0, missed: 0, false_alarms: 0, quiet: 0 }
  const beginnings = { all: 0, found: 0 }
  const files = readdirSync(root).filter(file => file.endsWith('.csv'))
  for (const file of files) {
    const rows = readFileSync(`${root}/${file}`, 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map(row => row.split(';'))
    // No day passes within twenty minutes: what is left is level and novelty.
    const memory = startMemory(2000, 8)
    for (let i = 0; i < 8; i++) rowOf(memory, `${i}`)
    let begun = -1
    for (const [row, cells] of rows.entries()) {
      const values = Float32Array.from(cells.slice(1, 9), Number)
      const said = await ask(askAbout(memory, values))
      if ('refused' in said) throw new Error(said.refused)
      learn(memory, values, said)
      if (row < 400) continue
      const odd = Math.max(...Array.from(said.score)) >= oddity.odd.from
      const is = Number(cells[9]) === 1
      if (is) sum[odd ? 'right' : 'missed']++
      else sum[odd ? 'false_alarms' : 'quiet']++
      if (Number(cells[10]) === 1) {
        beginnings.all++
        begun = row
      }
      if (odd && begun >= 0 && row - begun <= 60) {
        beginnings.found++
        begun = -1
      }
    }
  }
  const { right, missed, false_alarms, quiet } = sum
  const share = (part: number, of: number): string => `${((100 * part) / of).toFixed(1)} %`
  say(
    `SKAB valve1, ${files.length} files, eight sensors: F1 ${(right / (right + (missed + false_alarms) / 2)).toFixed(2)}, false alarm rate ${share(false_alarms, false_alarms + quiet)}, missed ${share(missed, missed + right)}`
  )
  say(`  change points noticed within a minute: ${beginnings.found} of ${beginnings.all}`)
}

/** Four weeks of five minutes: the longest of what is remembered is full then. */
const steps_until_full = blocks_kept * 6

/** A second of a thousand series, with memories as full as they become. */
const thousand = async (ask: Ask, say: Bench['say']): Promise<void> => {
  const series = 1000
  const memory = startMemory(288, series)
  const by = chance(1)
  for (let i = 0; i < series; i++) rowOf(memory, `series ${i}`)
  const some = (n: number): Float32Array => Float32Array.from({ length: n }, by)
  // What the model would say costs nothing here: only that everything has been said and is remembered.
  const [usual, low, high, residual, hour, score] = [some(series), some(series), some(series), some(series), some(series), some(series)]
  const anything: Said = { usual, low, high, residual, hour, score, parts: some(series * parts), ratios: some(series * 4) }
  for (let step = 0; step < steps_until_full; step++) learn(memory, some(series), anything)
  const spent: number[] = []
  for (let second = 0; second < 12; second++) {
    const before = process.cpuUsage()
    const values = Float32Array.from({ length: series }, by)
    const said = await ask(askAbout(memory, values))
    if ('refused' in said) throw new Error(said.refused)
    learn(memory, values, said)
    const { user, system } = process.cpuUsage(before)
    spent.push((user + system) / 1000)
  }
  const ms = spent.sort((a, b) => a - b)[6] ?? 0
  say(
    `1,000 series at 1 Hz: ${ms.toFixed(0)} ms of processor a second, ${(ms / 10).toFixed(1)} % of a core; at the station's five minutes ${(ms / 3000).toFixed(3)} %`
  )
}

export default async ({ say }: Bench): Promise<readonly (Figure | Skipped)[]> => {
  const opened = await openSeriesModel(oddity, new URL('../../models/oddity/', import.meta.url))
  if ('refused' in opened) throw new Error(opened.refused)
  await thousand(opened.ask, say)
  const skipped: Skipped[] = []
  const [nabRoot, skabRoot] = [data('sensors/nab'), data('sensors/skab/valve1')]
  if (skabRoot === undefined) skipped.push({ skipped: 'SKAB is not here (QIANSHAO_DATA names its folder)' })
  else await skab(skabRoot, opened.ask, say)
  if (nabRoot === undefined) return [...skipped, { skipped: 'NAB is not here (QIANSHAO_DATA names its folder)' }]
  const [began, before] = [performance.now(), process.cpuUsage()]
  const ours = await nab(nabRoot, opened.ask, say)
  const { user, system } = process.cpuUsage(before)
  say(`NAB took ${((performance.now() - began) / 1000).toFixed(0)} s, ${((user + system) / 1e6).toFixed(0)} s of processor`)
  const goal = 65
  const reference = published(nabRoot).numenta?.standard ?? 0
  return [
    ...skipped,
    {
      id: 'nab',
      what: 'NAB standard beside Numenta HTM as published',
      unit: 'points',
      reference,
      ours,
      ratio: ours / reference,
      noise: 0,
      goal: `≥ ${goal} points`,
      met: ours >= goal ? 'yes' : 'no'
    }
  ]
}
