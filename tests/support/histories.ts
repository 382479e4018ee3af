/**
 * What every test of random histories needs: how many there are, states that nobody can change behind our back, a restart
 * over a journal and a snapshot of JSON, and a city that hears red first.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { type Entity, fold } from '../../cloud/fold.ts'
import type { Event } from '../../edge/domain/event.ts'
import type { Entry } from '../../edge/ports.ts'

/** How many to play: a nightly run multiplies them all. */
export const many = (histories: number): number => Math.round(histories * Number(process.env.QIANSHAO_HISTORIES ?? 1))

/** Plays that many random histories of commands; answers how many were played. A failure names its seed. */
export const playHistories = <Model extends object, Real>(
  histories: number,
  steps: readonly fc.Arbitrary<fc.Command<Model, Real>>[],
  begin: () => { readonly model: Model; readonly real: Real },
  end: (real: Real, model: Model) => void,
  maxCommands = 30
): number => {
  let played = 0
  fc.assert(
    fc.property(fc.commands([...steps], { maxCommands, size: 'max' }), commands => {
      const world = begin()
      fc.modelRun(() => world, commands)
      end(world.real, world.model)
      played++
    }),
    { numRuns: histories, includeErrorInReport: true }
  )
  return played
}

export const step = <Model extends object, Real>(name: () => string, run: (model: Model, real: Real) => void): fc.Command<Model, Real> => ({
  check: () => true,
  run,
  toString: name
})

export function mustBe(truth: boolean, law: string, ...seen: readonly unknown[]): asserts truth {
  if (!truth) throw new Error(`${law}${seen.length > 0 ? `: ${seen.map(one => JSON.stringify(one)).join(' / ')}` : ''}`)
}
export const mustEqual = (is: unknown, expected: unknown, law: string): void => {
  if (!isDeepStrictEqual(is, expected)) throw new Error(`${law}: is ${JSON.stringify(is)}, expected ${JSON.stringify(expected)}`)
}
/** The same for what is plain and in a fixed order: a string is compared a few times faster than an object. */
export const mustRead = (is: object, expected: object, law: string): void => {
  const [a, b] = [JSON.stringify(is), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${law}: is ${a}, expected ${b}`)
}

/** A decision that changed what it was given would now throw. */
export const frozen = <T>(what: T): T => {
  if (typeof what === 'object' && what !== null && !Object.isFrozen(what)) {
    Object.freeze(what)
    for (const part of Object.values(what)) frozen(part)
  }
  return what
}

/** As a disk or a wire gives it back. */
export const roundTrip = <T>(what: T): T => JSON.parse(JSON.stringify(what)) as T

/** A still clock that sleeps: what is due on the way is fired in its order, unless the station is down meanwhile. */
export type Time = { now: number }
const endless = 10_000
export const passTime = (
  time: Time,
  ms: number,
  due: () => { readonly at: number; readonly fire: () => boolean } | undefined,
  /** How late it may be fired: only a station that was down is late. */
  late = false
): void => {
  const target = time.now + ms
  if (late) time.now = target
  for (let fired = 0; ; fired++) {
    const next = due()
    if (next === undefined || next.at > target) break
    mustBe(fired < endless, 'what time brings comes to an end')
    time.now = Math.max(time.now, next.at)
    mustBe(next.fire(), 'what time brings is news', next.at)
  }
  time.now = target
}

/** The red lane overtakes: `pick` says which lane delivers next while both have something. */
export const heardInTheCity = (entries: readonly Entry[], pick: (left: number) => boolean): ReadonlyMap<string, Entity> => {
  const lanes = { red: entries.filter(({ lane }) => lane === 'red'), events: entries.filter(({ lane }) => lane === 'events') }
  const known = new Map<string, Entity>()
  while (lanes.red.length + lanes.events.length > 0) {
    const lane = lanes.events.length === 0 || (lanes.red.length > 0 && pick(lanes.events.length)) ? lanes.red : lanes.events
    const entry = lane.shift()
    if (entry === undefined) break
    const folded = fold(known.get(entry.event.id), entry)
    mustBe(!('kept' in folded) || folded.kept !== 'unfoldable', 'the city can fold what the station says', entry)
    if ('entity' in folded) known.set(entry.event.id, folded.entity)
  }
  return known
}

/** A city that hears all of red first, or now this lane and now the other; `kept` is what came over the wire. */
export const cityAgrees = (kept: readonly Entry[], states: ReadonlyMap<string, object>, seed: number): void => {
  let random = seed | 1
  const now_and_then = (): boolean => {
    random ^= random << 13
    random ^= random >>> 17
    random ^= random << 5
    return (random & 1) === 1
  }
  const known = heardInTheCity(kept, seed % 2 === 0 ? () => true : now_and_then)
  for (const [id, state] of states) mustEqual(known.get(id)?.state, state, `the city knows of ${id} what the station knows`)
}

export const entryOf = (entries: readonly Entry[], event: Event, lane: Entry['lane']): Entry => ({ seq: entries.length + 1, lane, event })
