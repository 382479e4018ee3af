/**
 * The score of the Numenta Anomaly Benchmark, version 1.1, for any detector that gives a number to every row: rewards for the first
 * detection in a window, the earlier the better; a penalty for what lies outside, small just after a window; one threshold for all
 * files, chosen where the score is highest. 0 is who says nothing, 100 who says everything at the first moment.
 */
export type Profile = { readonly false_positive: number; readonly missed: number }
export const profiles = {
  standard: { false_positive: 0.11, missed: 1 },
  low_fp: { false_positive: 0.22, missed: 1 },
  low_fn: { false_positive: 0.11, missed: 2 }
} as const satisfies Record<string, Profile>
export type ProfileName = keyof typeof profiles

/** One file: how many rows, and its windows from row to row, both included. */
export type Labelled = { readonly rows: number; readonly windows: readonly (readonly [number, number])[] }
export type Scored = { readonly file: Labelled; readonly scores: ArrayLike<number> }

/** The detector may learn for 15 % of a file, and of 5,000 rows at most; what it says there counts for nothing. */
export const learningRows = (rows: number): number => Math.min(Math.floor(0.15 * rows), 750)

/** 1 far before the end of a window, 0 at its end, −1 far behind. */
const worth = (place: number): number => (place > 3 ? -1 : 2 / (1 + Math.exp(5 * place)) - 1)
const most = worth(-1)

/** What a detection at each row would bring, and in which window it lies. */
export const worths = ({ rows, windows }: Labelled): { readonly value: Float64Array; readonly window: Int32Array } => {
  const value = new Float64Array(rows).fill(-1)
  const window = new Int32Array(rows).fill(-1)
  windows.forEach(([from, to], i) => {
    const width = to - from + 1
    for (let row = from; row <= to; row++) {
      value[row] = worth(-(to - row + 1) / width) / most
      window[row] = i
    }
    const next = windows[i + 1]?.[0] ?? rows
    for (let row = to + 1; row < next; row++) value[row] = worth((row - to) / (width - 1))
  })
  return { value, window }
}

export type Course = { readonly at: readonly { readonly threshold: number; readonly score: number }[] }

/** The score at every threshold, from the highest down; the first is that of saying nothing. */
export const course = (scored: readonly Scored[], { false_positive, missed }: Profile): Course => {
  const rows = scored.reduce((sum, { file }) => sum + file.rows, 0)
  const scoreOf = new Float64Array(rows)
  const worthOf = new Float64Array(rows)
  const windowOf = new Int32Array(rows)
  let n = 0
  let windows = 0
  for (const { file, scores } of scored) {
    const { value, window } = worths(file)
    for (let row = learningRows(file.rows); row < file.rows; row++) {
      const of = window[row] ?? -1
      const brings = value[row] ?? 0
      scoreOf[n] = scores[row] ?? 0
      worthOf[n] = of < 0 ? brings * false_positive : brings
      windowOf[n++] = of < 0 ? -1 : windows + of
    }
    windows += file.windows.length
  }
  const nothing = -missed * windows
  const normal = (raw: number): number => (100 * (raw - nothing)) / (windows - nothing)
  const best = new Map<number, number>()
  const at: { threshold: number; score: number }[] = [{ threshold: Number.POSITIVE_INFINITY, score: 0 }]
  let raw = nothing
  // Numbers are sorted by themselves: a third of a million objects would take seconds each time.
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => (scoreOf[b] ?? 0) - (scoreOf[a] ?? 0))
  order.forEach((row, i) => {
    const [score = 0, value = 0, window = -1] = [scoreOf[row], worthOf[row], windowOf[row]]
    if (window < 0) raw += value
    else {
      const before = best.get(window) ?? -missed
      const now = Math.max(before, value)
      best.set(window, now)
      raw += now - before
    }
    const next = order[i + 1]
    if (next === undefined || scoreOf[next] !== score) at.push({ threshold: score, score: normal(raw) })
  })
  return { at }
}

export const bestOf = ({ at }: Course): { readonly threshold: number; readonly score: number } =>
  at.reduce((best, one) => (one.score > best.score ? one : best))
/** The score of a threshold that was chosen elsewhere. */
export const scoreAt = ({ at }: Course, threshold: number): number => at.findLast(one => one.threshold >= threshold)?.score ?? 0

/** Windows hit and rows called odd outside of any, at a threshold. */
export const told = (
  scored: readonly Scored[],
  threshold: number
): { readonly windows: number; readonly hit: number; readonly false_alerts: number; readonly rows: number } => {
  const sum = { windows: 0, hit: 0, false_alerts: 0, rows: 0 }
  for (const { file, scores } of scored) {
    const { window } = worths(file)
    const hit = new Set<number>()
    for (let row = learningRows(file.rows); row < file.rows; row++) {
      sum.rows++
      if ((scores[row] ?? 0) < threshold) continue
      const of = window[row] ?? -1
      if (of < 0) sum.false_alerts++
      else hit.add(of)
    }
    sum.windows += file.windows.length
    sum.hit += hit.size
  }
  return sum
}
