/**
 * What has to be mended soon, put together from what devices say and what the history knows. It wakes nobody, with one exception:
 * the battery of a detector that warns of what kills, when it is nearly empty.
 */
import { every } from './clock.ts'
import type { Alert } from './domain/alert.ts'
import type { Reading } from './domain/reading.ts'
import type { Verdict } from './domain/rules/rule.ts'
import { batteryNow, type Course, type Kept, type Upkeep, upkeepOf, warnedOf } from './domain/upkeep.ts'
import type { Hazard, Quantity } from './domain/vocabulary.ts'
import type { Sentence } from './domain/words.ts'
import type { Clock, DeviceNow, History } from './ports.ts'
import type { State } from './state.ts'
import type { Subject } from './watch.ts'

export type UpkeepDesk = { readonly list: () => Promise<readonly Upkeep[]>; readonly close: () => void }

const battery_rule = 'battery'
const looked_every_ms = 60_000
/** Courses are read from the disk at most this often, however many screens ask. */
const courses_kept_ms = 10 * 60_000
const fortnight_ms = 14 * 86_400_000
const step_ms = 6 * 3_600_000
const most_rows = 50_000

export const openUpkeep = ({
  clock,
  state,
  devices,
  latest,
  history,
  silent_after_s,
  raise
}: {
  readonly clock: Clock
  readonly state: Pick<State, 'alerts' | 'byKey' | 'claims'>
  readonly devices: () => readonly Pick<DeviceNow, 'id' | 'zone' | 'last_seen' | 'unreadable_total' | 'last_unreadable'>[]
  readonly latest: () => readonly Reading[]
  readonly history: Pick<History, 'query'>
  readonly silent_after_s: (device: string) => number
  readonly raise: (subject: Subject, verdict: Verdict) => Promise<void>
}): UpkeepDesk => {
  let courses: { readonly at: number; readonly of: Promise<ReadonlyMap<string, Course>> } | undefined

  const courseOf = async (quantity: Quantity): Promise<readonly (readonly [string, Course])[]> => {
    const to = clock.now()
    const rows = await history.query({ quantity, from: to - fortnight_ms, to, step_ms, limit: most_rows })
    const found = new Map<string, { at: number; value: number }[]>()
    for (const { device, at, value } of rows) {
      const course = found.get(device)
      if (course === undefined) found.set(device, [{ at, value }])
      else course.push({ at, value })
    }
    return [...found].map(([device, course]) => [`${device} ${quantity}`, course.sort((a, b) => a.at - b.at)] as const)
  }
  const coursesNow = (): Promise<ReadonlyMap<string, Course>> => {
    const now = clock.steady()
    if (courses === undefined || now - courses.at >= courses_kept_ms) {
      const of = Promise.all([courseOf('battery_percent'), courseOf('link_quality'), courseOf('firmware_offered')]).then(
        all => new Map(all.flat())
      )
      courses = { at: now, of }
      // What could not be read is asked for anew next time.
      of.catch(() => {
        courses = undefined
      })
    }
    return courses.of
  }
  const readingsOf = (id: string): readonly Reading[] => latest().filter(({ device }) => device === id)

  const list = async (): Promise<readonly Upkeep[]> => {
    const known = await coursesNow()
    const kept = devices().map(
      ({ id, zone, last_seen, unreadable_total, last_unreadable }): Kept => ({
        id,
        zone,
        last_seen,
        silent_after_s: silent_after_s(id),
        readings: readingsOf(id),
        battery: known.get(`${id} battery_percent`) ?? [],
        link: known.get(`${id} link_quality`) ?? [],
        firmware: known.get(`${id} firmware_offered`) ?? [],
        unreadable: { total: unreadable_total, last_at: last_unreadable?.at }
      })
    )
    return upkeepOf(kept, clock.now())
  }

  const open = (key: string): Alert | undefined => {
    const id = state.byKey.get(key)
    return id === undefined ? undefined : state.alerts.get(id)
  }
  const because = (device: string, zone: string, hazard: Hazard, value: number | undefined): Sentence =>
    value === undefined
      ? { say: 'battery_says_low', with: { device, zone, hazard } }
      : { say: 'battery_nearly_empty', with: { device, zone, hazard, value } }

  const look = (): void => {
    for (const { id, zone } of devices()) {
      const key = `${battery_rule}:${id}`
      const active = open(key)?.active === true
      const hazard = warnedOf(state.claims.get(id)?.hazards ?? [])
      if (hazard === undefined && !active) continue
      const { empty, full, value } = batteryNow(readingsOf(id))
      const subject: Subject = { key, rule: battery_rule, zone, device: id }
      // What flaps is held as empty: that it is so again has to be said.
      if (empty && (!active || open(key)?.flapping) && hazard !== undefined)
        void raise(subject, { raised: true, severity: 'yellow', because: because(id, zone, hazard, value) })
      else if (active && full && readingsOf(id).length > 0)
        void raise(subject, { raised: false, because: { say: 'battery_changed', with: { device: id } } })
    }
  }
  const close = every(clock, looked_every_ms, look)
  return { list, close }
}
