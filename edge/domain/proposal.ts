/**
 * A limit learned from history, as a proposal with its consequences: what the very same rule would have raised with it, and how much of
 * that people called true. It proposes fewer alarms only where no true one is lost, and never makes an alarm of life less sensitive.
 */
import type { Rule } from './rules/rule.ts'
import { near_ms, type Tally, tally, truthOf } from './shadow.ts'
import { type IncidentKind, type Quantity, quantities } from './vocabulary.ts'
import type { Zone, ZoneNow } from './zone.ts'
import { limitsOf } from './zone.ts'

/** One series of one device, or one zone. */
export type Subject = {
  readonly key: string
  readonly rule: string
  readonly zone: string
  readonly device?: string
  readonly quantity: Quantity
}
/** The limit of a rule that may move, and how far. */
export type Movable = { readonly now: number; readonly least: number; readonly most: number; readonly kind: IncidentKind }
export type Tunes = {
  readonly quantities: readonly Quantity[]
  readonly limit: (settings: never, quantity: Quantity, zone: Zone) => Movable | undefined
  /** The settings that differ with that limit. */
  readonly with: (settings: never, quantity: Quantity, limit: number) => object
}

export type Sample = { readonly at: number; readonly value: number }
export type Raised = { readonly at: number; readonly kind: IncidentKind; readonly zone: string }
/** How an incident ended is what people say of the alarms around it. */
export type Judged = Parameters<typeof truthOf>[1][number]

export type Proposal = Subject & {
  readonly limit_now: number
  readonly limit: number
  readonly settings: object
  readonly from: number
  readonly to: number
  readonly samples: number
  readonly now: Tally
  readonly would: Tally
}
/** Only the limit is taken over: everything else goes on following the settings. */
export type Tuned = Omit<Proposal, 'key' | 'settings'>
export type TuningEvent = { readonly id: string; readonly at: number; readonly by: string } & (
  | ({ readonly type: 'limit_tuned' } & Tuned)
  | { readonly type: 'limit_restored'; readonly rule: string; readonly limit: number }
  | { readonly type: 'limit_rejected'; readonly rule: string; readonly limit: number; readonly reason: string }
)

/** Less than this says nothing of a week's ordinary course. */
export const least_history_ms = 7 * 86_400_000
const steps = 24
/** As many alerts at least must be saved, and this share of them, or it is not worth a change. */
const least_saved = 3
const least_share_saved = 0.3
/** To catch one more true incident, so many more alerts may come. */
const most_for_one_more = 5

/** After so many steps the station may do something else: about a millisecond. */
const at_once = 1000

/** Every minute of the history through the rule's own `step`: when it would have raised. */
export function* replaying(
  rule: Rule,
  settings: object,
  subject: Subject,
  samples: readonly Sample[],
  zone: Zone
): Generator<void, readonly Raised[]> {
  let memory = rule.start
  let raised = false
  const found: Raised[] = []
  const { quantity, device = subject.zone } = subject
  for (const [i, { at, value }] of samples.entries()) {
    if (i % at_once === at_once - 1) yield
    const step =
      rule.per === 'zone'
        ? rule.step(memory, { at, zone: zoneOf(zone, value, at) }, settings)
        : rule.step(memory, { at, reading: { device, zone: zone.id, quantity, value, at, quality: 'good' } }, settings)
    memory = step.memory
    if (step.verdict === undefined) continue
    if (step.verdict.raised && !raised) found.push({ at, kind: step.verdict.kind ?? rule.kind, zone: zone.id })
    raised = step.verdict.raised
  }
  return found
}
/** For who has the time to wait. */
export const atOnce = <Result>(work: Generator<void, Result>): Result => {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/** A limit that was taken over, in the settings as they are now; nothing where those take more care of a life by now. */
export const tunedWith = (
  tunes: Tunes | undefined,
  { zone: id, quantity, limit }: Pick<Tuned, 'zone' | 'quantity' | 'limit'>,
  settings: object,
  zones: readonly Zone[]
): object | undefined => {
  const zone = zones.find(one => one.id === id)
  const present = zone && tunes?.limit(settings as never, quantity, zone)
  if (present === undefined || (isOfLife(present.kind, quantity) && limit > present.now)) return undefined
  return tunes?.with(settings as never, quantity, limit)
}

const zoneOf = (zone: Zone, density_per_m2: number, at: number): ZoneNow => ({
  ...zone,
  limits_per_m2: limitsOf(zone),
  people_count: density_per_m2 * zone.area_m2,
  people_count_error: undefined,
  density_per_m2,
  density_error_per_m2: undefined,
  level: 'green',
  since: at,
  age_seconds: 0,
  sources: []
})

/** Alarms of heat and of gas are about the same thing as the fire that somebody opened there. */
const same: Readonly<Partial<Record<IncidentKind, readonly IncidentKind[]>>> = {
  heat: ['heat', 'fire', 'gas'],
  fire: ['fire', 'heat', 'gas'],
  gas: ['gas', 'fire']
}
const judge = (raised: readonly Raised[], incidents: readonly Judged[], now: number) => {
  const truths = raised.map(one => {
    const all = (same[one.kind] ?? [one.kind]).map(kind => truthOf({ ...one, kind }, incidents, now))
    return all.find(({ truth }) => truth === 'true') ?? all.find(({ truth }) => truth !== 'nothing') ?? { truth: 'nothing' as const }
  })
  const caught = new Set(truths.flatMap(({ truth, incident }) => (truth === 'true' && incident !== undefined ? [incident] : [])))
  return { tally: tally(truths.map(({ truth }) => truth)), caught }
}

/** The best limit that the history knows, when it is better than the present one by enough. */
export function* proposing(
  rule: Rule,
  tunes: Tunes,
  settings: object,
  subject: Subject,
  samples: readonly Sample[],
  zone: Zone,
  incidents: readonly Judged[],
  now: number
): Generator<void, Proposal | undefined> {
  const movable = tunes.limit(settings as never, subject.quantity, zone)
  const [from, to] = [samples[0]?.at ?? now, samples.at(-1)?.at ?? now]
  if (movable === undefined || to - from < least_history_ms) return undefined
  // Incidents that nothing was measured around say nothing of a limit.
  const known = incidents.filter(({ opened_at }) => opened_at >= from - near_ms && opened_at <= to + near_ms)
  const trying = function* (limit: number) {
    const own = tunes.with(settings as never, subject.quantity, limit)
    const raised = yield* replaying(rule, { ...settings, ...own }, subject, samples, zone)
    return { limit, settings: own, ...judge(raised, known, now) }
  }
  const present = yield* trying(movable.now)
  const trials: (typeof present)[] = []
  for (const limit of candidates(movable)) trials.push(yield* trying(limit))
  const keepsAll = (caught: ReadonlySet<string>): boolean => [...present.caught].every(incident => caught.has(incident))
  const better = trials
    .filter(({ caught, tally: { fired } }) => {
      if (!keepsAll(caught)) return false
      const more = caught.size - present.caught.size
      const saved = present.tally.fired - fired
      return more > 0 ? -saved <= most_for_one_more * more : saved >= least_saved && saved >= least_share_saved * present.tally.fired
    })
    .sort(
      (a, b) =>
        b.caught.size - a.caught.size || a.tally.fired - b.tally.fired || Math.abs(a.limit - movable.now) - Math.abs(b.limit - movable.now)
    )[0]
  if (better === undefined) return undefined
  return {
    ...subject,
    limit_now: movable.now,
    limit: better.limit,
    settings: better.settings,
    from,
    to,
    samples: samples.length,
    now: present.tally,
    would: better.tally
  }
}

const candidates = ({ now, least, most }: Movable): readonly number[] => {
  const step = roundStep((most - least) / steps)
  const all = Array.from({ length: steps + 2 }, (_, i) => Math.round((Math.ceil(least / step) * step + i * step) * 1000) / 1000)
  return all.filter(limit => limit >= least && limit <= most && limit !== now)
}
/** 0.05, 0.1, 0.5, 1, 5 …: a limit that a person can say. */
const roundStep = (width: number): number => {
  const power = 10 ** Math.floor(Math.log10(Math.max(width, 1e-6)))
  return ([1, 2, 5].find(one => one * power >= width) ?? 10) * power
}

/** Smoke, gas, a pressed button: whoever made these quieter would be wrong once. */
const of_life: readonly IncidentKind[] = ['fire', 'gas', 'panic']
export const isOfLife = (kind: IncidentKind, quantity: Quantity): boolean => of_life.includes(kind) || quantities[quantity].max === 1
