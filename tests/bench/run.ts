/** `npm run bench [-- ingest alert camera infer screen counts cameras live-view forecast anomaly; crowd is three of them] [--json FILE] [--rounds N]`: every figure beside its reference, taken in turns in one run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Bench, type Figure, header, type Skipped, table } from './measure.ts'

type Run = (bench: Bench) => Promise<readonly (Figure | Skipped)[]>
const benches: Readonly<Record<string, () => Promise<{ default: Run }>>> = {
  ingest: () => import('./ingest.ts'),
  alert: () => import('./alert.ts'),
  camera: () => import('./camera.ts'),
  infer: () => import('./infer.ts'),
  counts: () => import('./counts.ts'),
  screen: () => import('./screen.ts'),
  cameras: () => import('./cameras-at-once.ts'),
  'live-view': () => import('./live-view.ts'),
  forecast: () => import('./forecast.ts'),
  anomaly: () => import('./anomaly.ts')
}

/** All there is to know about the early warning of crowds: how well it counts, how far it sees ahead, how many cameras it carries. */
const groups: Readonly<Record<string, readonly string[]>> = { crowd: ['counts', 'forecast', 'cameras'] }

const { values, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, rounds: { type: 'string', default: '3' } }
})
const positionals = asked.flatMap(name => groups[name] ?? [name])
const rounds = Number(values.rounds)
const unknown = positionals.find(name => benches[name] === undefined)
if (unknown !== undefined || !(rounds >= 1)) {
  process.stderr.write(
    `there is no benchmark "${unknown ?? `with ${values.rounds} rounds`}"; there are ${[...Object.keys(groups), ...Object.keys(benches)].join(', ')}\n`
  )
  process.exit(2)
}

const dir = mkdtempSync(join(tmpdir(), 'qianshao-bench-'))
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const about = header()
for (const [name, value] of Object.entries(about)) say(`${name.padEnd(10)}${value}`)

const figures: Figure[] = []
const skipped: string[] = []
const began = performance.now()
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  const own = join(dir, name)
  mkdirSync(own)
  const ends: (() => unknown)[] = []
  say(`\n${name}`)
  try {
    const run = await benches[name]?.()
    for (const result of (await run?.default({ rounds, dir: own, say: line => say(`  ${line}`), after: end => void ends.push(end) })) ??
      []) {
      if ('skipped' in result) skipped.push(`${name}: ${result.skipped}`)
      else figures.push(result)
    }
  } finally {
    for (const end of ends.reverse()) await end()
  }
}
rmSync(dir, { recursive: true, force: true })

say(`\n${table(figures)}`)
for (const sentence of skipped) say(`not measured: ${sentence}`)
say(
  `\n${Math.round((performance.now() - began) / 1000)} s; A/A is how far the reference was from itself: above 10 % a row is noisy and proves nothing.`
)
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ at: new Date().toISOString(), ...about, figures, skipped }, null, 2)}\n`)
process.exit(0)
