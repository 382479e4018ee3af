/**
 * How fast alarms come at the people who must act on them, held against the lines of ISA-18.2 and EEMUA 191.
 *
 * A flood begins when more than 10 alarms have come in 10 minutes and ends when fewer than 5 have; a duty desk is well when less than
 * 1 % of its time is flood (facts C5). Floods are counted for the whole desk: every alarm sounds for everyone who sits there.
 * Rates are per operator-hour: what is shared by two is half as much for each.
 */

export const window_ms = 600_000
export const flood_lines = { begins_above: 10, ends_below: 5, goal_share: 0.01 } as const
/** Per operator and hour (facts C5); EEMUA 191's one in ten minutes is the first of them. */
export const rate_lines = { acceptable: 6, manageable: 12, flood: 30 } as const

export type Grade = 'acceptable' | 'manageable' | 'too_many' | 'flood'
export const gradeOf = (per_operator_hour: number): Grade =>
  per_operator_hour <= rate_lines.acceptable
    ? 'acceptable'
    : per_operator_hour <= rate_lines.manageable
      ? 'manageable'
      : per_operator_hour < rate_lines.flood
        ? 'too_many'
        : 'flood'

/** Without `to` it was still going on at the end. `alarms` made it one or came in it, its last moment included; `peak` came in its worst 10 minutes. */
export type Flood = { readonly from: number; readonly to?: number; readonly alarms: number; readonly peak: number }

export type Span = {
  readonly from: number
  readonly to: number
  /** How many duty commanders are on duty; at least one is assumed to sit there. */
  readonly operators: number | ((at: number) => number)
}

export type RateOfSpan = {
  readonly annunciated: number
  readonly operators: { readonly least: number; readonly most: number; readonly hours: number }
  readonly average_per_operator_hour: number
  readonly grade: Grade
  /** The worst window for each of those on duty. */
  readonly peak?: { readonly at: number; readonly count: number; readonly per_operator_hour: number }
  /** Counts per 10 minutes, the first beginning at `from`; windows begin on the hour and every ten minutes after it. */
  readonly windows: { readonly from: number; readonly counts: readonly number[] }
  readonly floods: readonly Flood[]
  readonly flood_share: number
}

export type Rate = {
  /** An alarm sounded. Times never go back. Those before the span only say whether it begins in a flood. */
  readonly sounded: (at: number) => void
  readonly result: () => RateOfSpan
}

export const startRate = (span: Span): Rate => {
  const { from, to } = span
  const first = Math.floor(from / window_ms) * window_ms
  const counts = new Array<number>(Math.max(1, Math.ceil((to - first) / window_ms))).fill(0)
  const floods = startFloods()
  let annunciated = 0
  return {
    sounded: at => {
      floods.sounded(at)
      if (at < from || at >= to) return
      annunciated++
      const i = Math.floor((at - first) / window_ms)
      counts[i] = (counts[i] ?? 0) + 1
    },
    result: () => {
      const on_duty = counts.map((_, i) => operatorsAt(span, Math.max(from, first + i * window_ms)))
      const hours =
        on_duty.reduce((sum, n, i) => sum + n * (Math.min(to, first + (i + 1) * window_ms) - Math.max(from, first + i * window_ms)), 0) /
        3_600_000
      const average_per_operator_hour = annunciated / hours
      const peak = worstWindow(counts, on_duty, first, from)
      const during = floods.until(to).filter(flood => (flood.to ?? to) > from)
      const flood_ms = during.reduce((sum, flood) => sum + (flood.to ?? to) - Math.max(from, flood.from), 0)
      return {
        annunciated,
        operators: { least: Math.min(...on_duty), most: Math.max(...on_duty), hours },
        average_per_operator_hour,
        grade: gradeOf(average_per_operator_hour),
        ...(peak !== undefined && { peak }),
        windows: { from: first, counts },
        floods: during,
        flood_share: flood_ms / (to - from)
      }
    }
  }
}

const operatorsAt = ({ operators }: Span, at: number): number => Math.max(1, typeof operators === 'number' ? operators : operators(at))

const worstWindow = (counts: readonly number[], on_duty: readonly number[], first: number, from: number): RateOfSpan['peak'] => {
  let worst: RateOfSpan['peak']
  for (const [i, count] of counts.entries()) {
    const per_operator_hour = (count / (on_duty[i] ?? 1)) * (3_600_000 / window_ms)
    if (count > 0 && per_operator_hour > (worst?.per_operator_hour ?? 0))
      worst = { at: Math.max(from, first + i * window_ms), count, per_operator_hour }
  }
  return worst
}

/** More alarms than this within 10 minutes are a flood whatever their number; older ones are let go first. */
const most_recent = 10_000

type Floods = { readonly sounded: (at: number) => void; readonly until: (to: number) => readonly Flood[] }

/** Looks at the 10 minutes before each moment, that moment included and the one 10 minutes ago left out. */
const startFloods = (): Floods => {
  const over: Flood[] = []
  const recent: number[] = []
  let flood: Flood | undefined

  /** Lets the time before `at` pass: alarms leave the 10 minutes one after the other, and with them a flood ends. */
  const pass = (at: number): void => {
    for (let oldest = recent[0]; oldest !== undefined && oldest + window_ms < at; oldest = recent[0]) {
      const moment = oldest + window_ms
      while (recent[0] !== undefined && recent[0] <= oldest) recent.shift()
      if (flood === undefined || recent.length >= flood_lines.ends_below) continue
      over.push({ ...flood, to: moment })
      flood = undefined
    }
  }

  return {
    sounded: at => {
      pass(at)
      recent.push(at)
      if (recent.length > most_recent) recent.shift()
      const count = recent.length - recent.findIndex(one => one > at - window_ms)
      if (flood !== undefined) flood = { ...flood, alarms: flood.alarms + 1, peak: Math.max(flood.peak, count) }
      else if (count > flood_lines.begins_above) flood = { from: at, alarms: count, peak: count }
    },
    until: to => {
      pass(to)
      return flood === undefined ? over : [...over, flood]
    }
  }
}
