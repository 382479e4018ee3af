/**
 * What every benchmark needs to be believed: CPU time from the kernel's own count, a reference of the same run measured
 * twice (the A/A case, which says the noise), medians, and one table at the end.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { arch, cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'

export type Figure = {
  readonly id: string
  readonly what: string
  readonly unit: string
  readonly reference: number
  readonly ours: number
  readonly ratio: number
  /** How far the reference is from itself: 0.1 = 10 %. */
  readonly noise: number
  readonly goal: string
  readonly met: 'yes' | 'no' | 'noisy' | 'told only'
}
export type Skipped = { readonly skipped: string }
export type Bench = {
  readonly rounds: number
  readonly say: (line: string) => void
  /** Runs when the benchmark is over, last first; every process it started ends here. */
  readonly after: (end: () => unknown) => void
  readonly dir: string
}

export const median = (of: readonly number[]): number => quantile(of, 0.5)
export const quantile = (of: readonly number[], share: number): number => {
  const sorted = [...of].sort((a, b) => a - b)
  if (sorted.length === 0) throw new Error('nothing was measured')
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
}

/** A/A beyond this and the row says noisy: a ratio from a run that disagrees with itself proves nothing. */
const most_noise = 0.1

/** Ratios are ours to the reference of the same round, then the median, so that a slow minute of the machine hits both. */
export const compare = (
  {
    id,
    what,
    unit,
    goal,
    limit
  }: { id: string; what: string; unit: string; goal: string; limit: number | ((ratio: number, ours: number) => boolean) | undefined },
  reference: readonly number[],
  again: readonly number[],
  ours: readonly number[]
): Figure => {
  const paired = ours.map((one, i) => one / (((reference[i] ?? Number.NaN) + (again[i] ?? Number.NaN)) / 2))
  const ratio = median(paired)
  const noise = Math.abs(median(again) / median(reference) - 1)
  const value = median(ours)
  const within = typeof limit === 'function' ? limit(ratio, value) : limit !== undefined && ratio <= limit
  const met = limit === undefined ? 'told only' : noise > most_noise ? 'noisy' : within ? 'yes' : 'no'
  return { id, what, unit, reference: median([...reference, ...again]), ours: value, ratio, noise, goal, met }
}

/** CPU time of all threads of these processes and their children so far, in µs. Threads that have ended are not in it: none does here. */
export const cpuOf = (pids: readonly number[]): number => pids.flatMap(withChildren).reduce((sum, pid) => sum + ofThreads(pid), 0)

const ofThreads = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000,
    0
  )

export const withChildren = (pid: number): readonly number[] => {
  const children = readdirSync(`/proc/${pid}/task`).flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  )
  return [pid, ...children.flatMap(withChildren)]
}

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

export const header = (): Readonly<Record<string, string>> => ({
  machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()} ${arch()}`,
  versions: `Node ${process.version}${['mosquitto', 'ffmpeg', 'chromium'].map(versionOf).join('')}`,
  load: loadavg()
    .map(one => one.toFixed(2))
    .join(' '),
  flush: `${flushMs().toFixed(2)} ms (fdatasync of 4 KiB, median of 20)`,
  calibrate: `${loopMs().toFixed(1)} ms for a fixed loop`
})

const asking: Readonly<Record<string, string>> = { mosquitto: '-h', ffmpeg: '-version', chromium: '--version' }
const versionOf = (program: string): string => {
  const file = found(program)
  if (file === undefined) return `, no ${program}`
  const said = spawnSync(file, [asking[program] ?? '--version'], { encoding: 'utf8' }).stdout
  return `, ${program} ${/\d+(\.\d+)+/.exec(said)?.[0] ?? 'of unknown version'}`
}
/** On the PATH; Debian keeps daemons in /usr/sbin, which is not on everybody's. */
export const found = (program: string): string | undefined =>
  [...(process.env.PATH ?? '').split(':'), '/usr/sbin'].map(dir => join(dir, program)).find(isThere)
const isThere = (file: string): boolean => {
  try {
    closeSync(openSync(file, 'r'))
    return true
  } catch {
    return false
  }
}

const flushMs = (): number => {
  const dir = mkdtempSync(join(tmpdir(), 'qianshao-flush-'))
  const file = openSync(join(dir, 'flush'), 'w')
  const block = Buffer.alloc(4096, 1)
  const times = Array.from({ length: 20 }, () => {
    const from = performance.now()
    writeSync(file, block)
    fdatasyncSync(file)
    return performance.now() - from
  })
  closeSync(file)
  rmSync(dir, { recursive: true })
  return median(times)
}

const loopMs = (): number => {
  const times = Array.from({ length: 5 }, () => {
    const from = performance.now()
    let x = 1
    for (let i = 0; i < 5_000_000; i++) x = (x * 48_271) % 2_147_483_647
    return performance.now() - from + (x === 0 ? 1 : 0)
  })
  return median(times)
}

const text = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2))

export const table = (figures: readonly Figure[]): string => {
  const rows = [
    ['id', 'what', 'reference', 'ours', 'ratio', 'A/A', 'goal', 'met'],
    ...figures.map(({ id, what, unit, reference, ours, ratio, noise, goal, met }) => [
      id,
      what,
      `${text(reference)} ${unit}`,
      `${text(ours)} ${unit}`,
      `${ratio.toFixed(2)}×`,
      `${(100 * noise).toFixed(0)} %`,
      goal,
      met
    ])
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? []
  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()
    )
    .join('\n')
}
