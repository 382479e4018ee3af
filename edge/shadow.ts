/**
 * Rules on trial, beside the ones on duty: the same readings, zones, cameras and reports, the same limits of each device and learned
 * ones, other settings over all of that, and nobody is called.
 * What one would have raised is an event, once an episode; whether it was right is worked out when somebody asks.
 */
import type { Config } from './config.ts'
import type { Rule } from './domain/rules/rule.ts'
import type { ShadowFired } from './domain/shadow.ts'
import type { Clock, ShadowNow } from './ports.ts'
import { openWatch, type Places, type Watch } from './watch.ts'

export type Shadow = Config['shadow'][number]

export type ShadowParts = {
  readonly shadows: readonly Shadow[]
  readonly rules: ReadonlyMap<string, Rule>
  /** Settings on duty, which those on trial change. */
  readonly settings: Readonly<Record<string, object>>
  readonly clock: Clock
  readonly places: Pick<Places, 'now' | 'beside'>
  /** What a device has in place of the settings, and what was learned, as of the rule on duty. */
  readonly ownOf: (device: string, settings: object) => object | undefined
  readonly learned: (key: string, settings: object) => object | undefined
  readonly fired: (event: ShadowFired) => void
}

/** What trembles at its limit would fill the journal with firings that nobody would have told apart. */
const same_episode_ms = 60_000

export const openShadows = ({ shadows, rules, settings, clock, places, ownOf, learned, fired }: ShadowParts): readonly Watch[] =>
  shadows.flatMap(({ id, rule: name, settings: own }) => {
    const rule = rules.get(name)
    if (rule === undefined) return []
    /** When each was last over; what goes on has no end yet. */
    const over = new Map<string, number>()
    return openWatch(
      new Map([[name, rule]]),
      settings,
      () => undefined,
      clock,
      (subject, _, verdict) => {
        const { key, zone, device } = subject
        const ended_at = over.get(key)
        over.set(key, verdict.raised ? Number.POSITIVE_INFINITY : clock.now())
        if (!verdict.raised || (ended_at !== undefined && clock.now() - ended_at < same_episode_ms)) return
        const { severity, because, kind = rule.kind } = verdict
        fired({
          type: 'shadow_fired',
          id,
          at: clock.now(),
          rule: name,
          kind,
          zone,
          ...(device !== undefined && { device }),
          severity,
          because
        })
      },
      undefined,
      places,
      ownOf,
      (key, present) => ({ ...learned(key, present), ...own })
    )
  })

/** Each with what it has said so far. */
export const shadowsNow = (shadows: readonly Shadow[], fired: readonly ShadowFired[]): readonly ShadowNow[] =>
  shadows.map(({ id, rule, settings }) => ({ id, rule, settings, fired: fired.filter(one => one.id === id && one.rule === rule) }))

/** One watch for the whole floor: those on trial see what the one on duty sees, after it. */
export const beside = (watch: Watch, shadows: readonly Watch[]): Watch => {
  if (shadows.length === 0) return watch
  const all = [watch, ...shadows]
  const tellAll = (tell: (one: Watch) => void): void => {
    for (const one of all) tell(one)
  }
  return {
    reading: (reading, more) => tellAll(one => one.reading(reading, more)),
    heard: (...said) => tellAll(one => one.heard(...said)),
    zone: zone => tellAll(one => one.zone(zone)),
    camera: camera => tellAll(one => one.camera(camera)),
    report: (...said) => tellAll(one => one.report(...said)),
    odd: oddity => tellAll(one => one.odd(oddity)),
    expect: (...said) => tellAll(one => one.expect(...said)),
    forget: device => tellAll(one => one.forget(device)),
    retune: key => tellAll(one => one.retune(key)),
    settle: (zone, keys) => tellAll(one => one.settle(zone, keys)),
    close: () => tellAll(one => one.close())
  }
}
