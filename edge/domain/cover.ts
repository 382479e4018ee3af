/** Minimum cover: how few may be on duty, where and when, and when that will break. It is told two hours before, while somebody can still be called. */
import { day_ms, localTime } from './local-time.ts'
import { dutySpans, isQualified, type Roster, shiftSpans } from './roster.ts'
import type { Verdict } from './rules/rule.ts'
import { holds, type Span } from './span.ts'
import type { Agency, Qualification } from './vocabulary.ts'
import type { Sentence } from './words.ts'

export type Cover = {
  readonly agency: Agency
  /** Only units that usually stand there count. */
  readonly zone?: string
  /** Local times; both absent means the whole day. */
  readonly from?: string
  readonly to?: string
  readonly units: number
  readonly qualification?: Qualification
}
export type CoverGap = {
  readonly cover: Cover
  readonly begin: number
  readonly end: number
  readonly present: number
  readonly missing: number
}

export const warned_before_ms = 2 * 3_600_000
export const urgent_before_ms = 30 * 60_000

/** Where too few are on duty between two moments, in order of time. */
export const coverGaps = (covers: readonly Cover[], roster: Roster, during: Span): readonly CoverGap[] =>
  covers.flatMap(cover => gapsOf(cover, roster, during)).sort((a, b) => a.begin - b.begin)

const gapsOf = (cover: Cover, { units, timezone, plan, people }: Roster, during: Span): readonly CoverGap[] => {
  const { agency, zone, from, to, units: needed, qualification } = cover
  const hours = shiftSpans(from === undefined || to === undefined ? [] : [{ from, to }], during, timezone)
  const duties = units
    .filter(unit => unit.agency === agency && (zone === undefined || unit.zones.includes(zone)))
    .filter(unit => qualification === undefined || isQualified(unit, qualification, people))
    .map(unit => dutySpans(unit, during, timezone, plan))
  const edges = [...new Set([hours, ...duties].flat().flatMap(span => [span.from, span.until]))].sort((a, b) => a - b)
  const gaps: CoverGap[] = []
  for (const [i, begin] of edges.entries()) {
    const end = edges[i + 1]
    if (end === undefined || !hours.some(span => holds(span, begin))) continue
    const present = duties.filter(spans => spans.some(span => holds(span, begin))).length
    if (present >= needed) continue
    const last = gaps.at(-1)
    if (last?.end === begin && last.present === present) gaps[gaps.length - 1] = { ...last, end }
    else gaps.push({ cover, begin, end, present, missing: needed - present })
  }
  return gaps
}

/** The name of a cover as the subject of its alert. */
export const coverKey = ({ agency, zone, from, to, qualification }: Cover): string =>
  ['cover', agency, zone ?? '', from ?? '', to ?? '', qualification ?? ''].join(':')

/** What is to be said of each cover at a moment: nothing, that it will break, or that it has. */
export const coverVerdicts = (
  covers: readonly Cover[],
  roster: Roster,
  at: number
): readonly { readonly cover: Cover; readonly verdict: Verdict }[] =>
  covers.map(cover => {
    const [gap] = gapsOf(cover, roster, { from: at, until: at + warned_before_ms + 1 })
    if (gap === undefined) return { cover, verdict: { raised: false, because: { say: 'cover_mended', with: { agency: cover.agency } } } }
    const severity = gap.begin - at <= urgent_before_ms ? 'orange' : 'yellow'
    return { cover, verdict: { raised: true, severity, because: because(gap, at, roster.timezone) } }
  })

const because = ({ cover, begin, present }: CoverGap, at: number, timezone: string): Sentence => {
  const { agency, qualification, units: needed } = cover
  const said = { agency, needed, present, ...(qualification !== undefined && { qualification }) }
  const kind = begin <= at ? ('cover_broken' as const) : ('cover_breaks' as const)
  return {
    say: qualification === undefined ? kind : `${kind}_qualified`,
    with: begin <= at ? said : { ...said, begin: localTime(begin, timezone) }
  }
}

/** The next moment at which `coverVerdicts` may say something else; within a day, because plans are looked at anew by then. */
export const nextCoverChange = (covers: readonly Cover[], roster: Roster, at: number): number => {
  const until = at + day_ms
  const moments = coverGaps(covers, roster, { from: at, until: until + warned_before_ms }).flatMap(({ begin, end }) => [
    begin - warned_before_ms,
    begin - urgent_before_ms,
    begin,
    end
  ])
  return Math.min(until, ...moments.filter(moment => moment > at))
}

/** What this station must keep: its own list, and of the template's what concerns agencies that have a unit here. */
export const coversOf = (own: readonly Cover[], template: readonly Cover[] = [], units: Roster['units'] = []): readonly Cover[] =>
  own.length > 0 ? own : template.filter(({ agency }) => units.some(unit => unit.agency === agency))
