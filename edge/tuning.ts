/**
 * Limits learned from history. Looks through what was kept, series by series, in slices so that nobody waits for it, and remembers for
 * an hour what it found. What a person takes over is an event, and undone by one.
 */
import { createHash } from 'node:crypto'
import type { Event } from './domain/event.ts'
import { type Proposal, proposing, type Sample, type Subject, tunedWith } from './domain/proposal.ts'
import type { Reading } from './domain/reading.ts'
import type { Rule } from './domain/rules/rule.ts'
import { type Quantity, quantities } from './domain/vocabulary.ts'
import type { ZoneNow } from './domain/zone.ts'
import type { Clock, History, HistoryRow, LimitNow, LimitProposal, Tuning } from './ports.ts'
import type { State } from './state.ts'

export type TuningParts = {
  readonly clock: Clock
  readonly state: State
  readonly history: Pick<History, 'query'>
  readonly rules: ReadonlyMap<string, Rule>
  /** Of a series or zone as it stands, without what was learned for it. */
  readonly settingsFor: (subject: Subject) => object
  readonly zones: () => readonly ZoneNow[]
  readonly latest: () => readonly Reading[]
  readonly record: (events: readonly Event[]) => Promise<void>
}

const day_ms = 86_400_000
const looks_back_ms = 28 * day_ms
const minute_ms = 60_000
/** Of a zone that four cameras see. */
const most_rows_a_day = 4 * 1440
/** A look costs about as much as a minute of a busy floor: an old answer will do for an hour. */
const fresh_ms = 3_600_000
/** Those that alerted most come first; the rest waits until they are quieter. */
const most_series = 100
/** What people did not want is not proposed again so soon. */
const rejected_for_ms = 30 * 86_400_000

export const openTuning = ({ clock, state, history, rules, settingsFor, zones, latest, record }: TuningParts): Tuning => {
  let found: { readonly at: number; readonly proposals: readonly LimitProposal[] } | undefined
  let looking: Promise<void> | undefined
  /** What people decided while somebody looks: of that the look knows nothing yet. */
  const decided = new Set<string>()

  const subjects = (): readonly Subject[] => {
    const alerts = new Map<string, number>()
    for (const { key, episode = 1 } of state.alerts.values()) alerts.set(key, (alerts.get(key) ?? 0) + episode)
    const all = [...rules].flatMap(([rule, { per, tunes }]): readonly Subject[] =>
      (tunes?.quantities ?? []).flatMap(quantity =>
        per === 'zone'
          ? zones().map(({ id }) => ({ key: `${rule}:${id}`, rule, zone: id, quantity }))
          : latest()
              .filter(one => one.quantity === quantity)
              .map(({ device, zone }) => ({ key: `${rule}:${device}:${quantity}`, rule, zone, device, quantity }))
      )
    )
    return all.sort((a, b) => (alerts.get(b.key) ?? 0) - (alerts.get(a.key) ?? 0)).slice(0, most_series)
  }

  const settingsOf = (subject: Subject): object => {
    const own = settingsFor(subject)
    const tuned = state.tuned.get(subject.key)
    return { ...own, ...(tuned && tunedWith(rules.get(subject.rule)?.tunes, tuned, own, zones())) }
  }
  /** Another limit may have been set by hand since it was proposed. */
  const isOfNow = ({ limit_now, ...subject }: Proposal): boolean => {
    const zone = zones().find(({ id }) => id === subject.zone)
    const tunes = rules.get(subject.rule)?.tunes
    return zone !== undefined && tunes?.limit(settingsOf(subject) as never, subject.quantity, zone)?.now === limit_now
  }

  const look = async (): Promise<void> => {
    const at = clock.now()
    decided.clear()
    const proposals: LimitProposal[] = []
    const incidents = [...state.incidents.values()].filter(({ drill }) => !drill)
    for (const subject of subjects()) {
      const rule = rules.get(subject.rule)
      const zone = zones().find(({ id }) => id === subject.zone)
      if (rule?.tunes === undefined || zone === undefined) continue
      const { device, quantity } = subject
      const rows: HistoryRow[] = []
      // Day by day: what comes over from the reader's thread at once is what the station waits for.
      for (let day = at - looks_back_ms; day < at; day += day_ms)
        rows.push(
          ...(await history.query({
            zone: subject.zone,
            ...(device !== undefined && { device }),
            quantity,
            from: day,
            to: Math.min(at, day + day_ms - 1),
            step_ms: minute_ms,
            limit: most_rows_a_day
          }))
        )
      const proposal = await inSlices(
        proposing(rule, rule.tunes, settingsOf(subject), subject, samplesOf(rows, quantity), zone, incidents, at)
      )
      if (proposal !== undefined && !unwanted(proposal)) proposals.push({ ...proposal, id: idOf(proposal.key) })
    }
    found = { at, proposals: proposals.filter(({ key }) => !decided.has(key)) }
  }
  const unwanted = ({ key, limit }: Proposal): boolean => {
    const rejected = state.rejected.get(key)
    return rejected !== undefined && rejected.limit === limit && clock.now() - rejected.at < rejected_for_ms
  }
  const limits = (): readonly LimitNow[] => [...state.tuned.values()].map(limitNow)
  const proposed = (id: string, limit: number): LimitProposal | undefined =>
    found?.proposals.find(one => one.id === id && one.limit === limit)
  const without = (id: string): void => {
    if (found !== undefined) found = { ...found, proposals: found.proposals.filter(one => one.id !== id) }
  }

  return {
    now: async () => {
      if (found === undefined || clock.now() - found.at >= fresh_ms) {
        looking ??= look().finally(() => {
          looking = undefined
        })
        await looking
      }
      return { proposals: found?.proposals ?? [], limits: limits(), looked_at: found?.at ?? clock.now() }
    },
    accept: (id, limit, by) => {
      const proposal = proposed(id, limit)
      if (proposal === undefined) return { refused: 'no_such_limit_proposal' }
      without(id)
      if (!isOfNow(proposal)) return { refused: 'no_such_limit_proposal' }
      const { id: _, key, settings: _s, ...tuned } = proposal
      decided.add(key)
      const kept = record([{ type: 'limit_tuned', id: key, at: clock.now(), by, ...tuned }])
      const made = limits().find(one => one.key === key)
      if (made === undefined) throw new Error(`the limit of ${key} was taken over and is not there`)
      return { state: made, kept }
    },
    reject: (id, limit, by, reason) => {
      const proposal = proposed(id, limit)
      if (proposal === undefined) return { refused: 'no_such_limit_proposal' }
      if (reason.trim() === '') return { refused: 'reason_missing' }
      without(id)
      const { key, rule } = proposal
      decided.add(key)
      return { state: proposal, kept: record([{ type: 'limit_rejected', id: key, at: clock.now(), by, rule, limit, reason }]) }
    },
    restore: (id, by) => {
      const limit = limits().find(one => one.id === id)
      if (limit === undefined) return { refused: 'not_tuned' }
      // With another limit it would be another proposal.
      found = undefined
      const { key, rule, limit_now } = limit
      decided.add(key)
      return { state: limit, kept: record([{ type: 'limit_restored', id: key, at: clock.now(), by, rule, limit: limit_now }]) }
    }
  }
}

const inSlices = async <Result>(work: Generator<void, Result>): Promise<Result> => {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    await new Promise(resolve => setImmediate(resolve))
  }
}

const limitNow = ({ type: _, id: key, ...tuned }: State['tuned'] extends Map<string, infer One> ? One : never): LimitNow => ({
  ...tuned,
  key,
  id: idOf(key)
})
/** For an address: keys hold colons and whatever a device is called. */
const idOf = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 12)

/** The highest of each minute, over all devices of a zone: what rules above a limit look at. What cannot be raised nothing then either. */
const samplesOf = (rows: readonly { readonly at: number; readonly max: number }[], quantity: Quantity): readonly Sample[] => {
  const minutes = new Map<number, number>()
  for (const { at, max } of rows)
    if (max <= quantities[quantity].max) minutes.set(at, Math.max(max, minutes.get(at) ?? Number.NEGATIVE_INFINITY))
  return [...minutes].map(([at, value]) => ({ at, value })).sort((a, b) => a.at - b.at)
}
