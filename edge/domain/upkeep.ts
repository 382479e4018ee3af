/**
 * What has to be mended before it becomes an alarm: batteries that run down, links that fade, sensors that are doubted, devices
 * that are about to be missed. A list to plan a round by, sorted by when it is due; it wakes nobody.
 */
import type { Reading } from './reading.ts'
import { type Doubt, type Hazard, type Label, label } from './vocabulary.ts'

export const upkeepKinds = {
  silence: label('快要失联', 'nearly silent'),
  battery: label('电池', 'battery'),
  link: label('链路', 'link'),
  firmware: label('固件', 'firmware'),
  sensor: label('传感器', 'sensor'),
  clock: label('时钟', 'clock'),
  messages: label('消息', 'messages')
} as const
export type UpkeepKind = keyof typeof upkeepKinds

const both = label
export const upkeepSentences = {
  battery_runs_down: both(
    '电量 {value}%，每天约降 {per_day}%，约 {days} 天后低于 10%',
    'battery {value} %, {per_day} % less a day, under 10 % in about {days} days'
  ),
  battery_level: both('电量只剩 {value}%', 'battery down to {value} %'),
  battery_flag: both('设备报告电量低', 'the device says that its battery is low'),
  link_fell: both('链路质量从 {before} 降到 {value}', 'link quality fell from {before} to {value}'),
  link_weak: both('链路质量只有 {value}', 'link quality is only {value}'),
  signal_weak: both('信号只有 {value} dBm', 'the signal is only {value} dBm'),
  firmware_offered: both('有新固件可用', 'newer firmware is on offer'),
  firmware_old: both('有新固件可用，至少已 {days} 天没有更新', 'newer firmware has been on offer for at least {days} days'),
  reading_doubted: both('{quantity}：{doubt}', '{quantity}: {doubt}'),
  trouble: both('设备自报异常', 'the device reports trouble'),
  unreadable: both('{count} 条消息看不懂，最近一条在 {minutes} 分钟前', '{count} messages were not understood, the last {minutes} min ago'),
  nearly_silent: both('已 {minutes} 分钟没有消息，满 {limit} 分钟算失联', 'not heard for {minutes} min; after {limit} min it is silent')
} as const satisfies Record<string, Label>
export type UpkeepSentence = { readonly say: keyof typeof upkeepSentences; readonly with: Readonly<Record<string, string | number>> }

export type Upkeep = {
  readonly device: string
  readonly zone: string
  readonly kind: UpkeepKind
  readonly why: UpkeepSentence
  /** When it will be too late, as far as one can tell; absent: soon, nobody knows when. */
  readonly due_at?: number
}
/** A quantity over the last fortnight, oldest first, a value every few hours. */
export type Course = readonly { readonly at: number; readonly value: number }[]
export type Kept = {
  readonly id: string
  readonly zone: string
  readonly last_seen: number | undefined
  readonly silent_after_s: number
  readonly readings: readonly Reading[]
  readonly battery: Course
  readonly link: Course
  readonly firmware: Course
  readonly unreadable: { readonly total: number; readonly last_at: number | undefined }
}

const day_ms = 86_400_000
/** Under this a battery device may stop at any cold night. */
export const battery_empty_percent = 10
const battery_listed = { percent: 30, days: 45 } as const
/** A new battery is a rise; what was before it says nothing of the new one. */
const new_battery_percent = 20
const weak = { link: 40, dbm: -85, fallen_to: 0.6 } as const
/** Hourly words are late when this much of the silence that is borne has passed. */
const nearly = 0.95
const hour_ms = 3_600_000

/** The middle slope (Theil–Sen) of pairs half a course apart: a gauge that stands still and then falls by tens has a middle too. */
const perDay = (course: Course): number | undefined => {
  const apart_ms = ((course.at(-1)?.at ?? 0) - (course.at(0)?.at ?? 0)) / 2
  const slopes = course
    .flatMap((a, i) => course.slice(i + 1).flatMap(b => (b.at - a.at < apart_ms ? [] : [((b.value - a.value) * day_ms) / (b.at - a.at)])))
    .sort((a, b) => a - b)
  return slopes[slopes.length >> 1]
}
const sinceChange = (course: Course): Course => {
  const at = course.findLastIndex(({ value }, i) => i > 0 && value - (course[i - 1]?.value ?? value) >= new_battery_percent)
  return course.slice(Math.max(0, at))
}

export const batteryLeft = (course: Course): { readonly per_day: number; readonly days: number } | undefined => {
  const since = sinceChange(course)
  const [first, last] = [since.at(0), since.at(-1)]
  // Less than three days of one battery are no trend.
  if (first === undefined || last === undefined || last.at - first.at < 3 * day_ms) return undefined
  const slope = perDay(since)
  if (slope === undefined || slope >= -0.05) return undefined
  return { per_day: -slope, days: Math.max(0, (last.value - battery_empty_percent) / -slope) }
}

export const upkeepOf = (devices: readonly Kept[], now: number): readonly Upkeep[] =>
  devices
    .flatMap(device => [
      ...batteryOf(device, now),
      ...linkOf(device),
      ...firmwareOf(device, now),
      ...doubtsOf(device),
      ...messagesOf(device, now),
      ...silenceOf(device, now)
    ])
    .sort((a, b) => (a.due_at ?? Number.POSITIVE_INFINITY) - (b.due_at ?? Number.POSITIVE_INFINITY) || (a.device < b.device ? -1 : 1))

const newestOf = ({ readings }: Pick<Kept, 'readings'>, quantity: Reading['quantity']): number | undefined =>
  readings.find(one => one.quantity === quantity && one.doubt !== 'implausible_value')?.value

const batteryOf = (device: Kept, now: number): readonly Upkeep[] => {
  const { id, zone } = device
  const of = { device: id, zone, kind: 'battery' } as const
  const value = newestOf(device, 'battery_percent')
  const left = batteryLeft(device.battery)
  if (value !== undefined && left !== undefined && left.days <= battery_listed.days)
    return [
      {
        ...of,
        why: { say: 'battery_runs_down', with: { value, per_day: left.per_day, days: Math.round(left.days) } },
        due_at: now + left.days * day_ms
      }
    ]
  if (value !== undefined && value <= battery_listed.percent)
    return [{ ...of, why: { say: 'battery_level', with: { value } }, ...(value <= battery_empty_percent && { due_at: now }) }]
  return newestOf(device, 'battery_low') === 1 ? [{ ...of, why: { say: 'battery_flag', with: {} }, due_at: now }] : []
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const linkOf = (device: Kept): readonly Upkeep[] => {
  const { id, zone, link } = device
  const of = { device: id, zone, kind: 'link' } as const
  const value = newestOf(device, 'link_quality')
  const dbm = newestOf(device, 'signal_dbm')
  const last = link.at(-1)
  const lately = link.filter(({ at }) => last !== undefined && last.at - at < day_ms).map(one => one.value)
  const before = link.filter(({ at }) => last !== undefined && last.at - at >= 2 * day_ms).map(one => one.value)
  if (before.length >= 4 && mean(lately) < weak.fallen_to * mean(before))
    return [{ ...of, why: { say: 'link_fell', with: { before: Math.round(mean(before)), value: Math.round(mean(lately)) } } }]
  if (value !== undefined && value < weak.link) return [{ ...of, why: { say: 'link_weak', with: { value } } }]
  return dbm !== undefined && dbm < weak.dbm ? [{ ...of, why: { say: 'signal_weak', with: { value: dbm } } }] : []
}

/** Old firmware is an open hole or a known fault, never an emergency: it is listed last, with how long it has waited. */
const firmwareOf = (device: Kept, now: number): readonly Upkeep[] => {
  if (newestOf(device, 'firmware_offered') !== 1) return []
  const of = { device: device.id, zone: device.zone, kind: 'firmware' } as const
  const since = device.firmware[device.firmware.findLastIndex(({ value }) => value < 1) + 1]
  const days = since === undefined ? 0 : Math.floor((now - since.at) / day_ms)
  return [{ ...of, why: days < 1 ? { say: 'firmware_offered', with: {} } : { say: 'firmware_old', with: { days } } }]
}

const ofSensor: readonly Doubt[] = ['implausible_value', 'jump', 'stuck', 'unit_mistake', 'flapping']
const doubtsOf = ({ id, zone, readings }: Kept): readonly Upkeep[] =>
  readings.flatMap(({ quantity, value, doubt }): Upkeep[] => {
    if (quantity === 'trouble' && value > 0) return [{ device: id, zone, kind: 'sensor', why: { say: 'trouble', with: {} } }]
    if (doubt === undefined || (doubt !== 'device_clock' && !ofSensor.includes(doubt))) return []
    const kind = doubt === 'device_clock' ? 'clock' : 'sensor'
    return [{ device: id, zone, kind, why: { say: 'reading_doubted', with: { quantity, doubt } } }]
  })

const messagesOf = ({ id, zone, unreadable: { total, last_at } }: Kept, now: number): readonly Upkeep[] =>
  last_at === undefined || now - last_at > hour_ms || total < 3
    ? []
    : [
        {
          device: id,
          zone,
          kind: 'messages',
          why: { say: 'unreadable', with: { count: total, minutes: Math.max(0, Math.round((now - last_at) / 60_000)) } }
        }
      ]

const silenceOf = ({ id, zone, last_seen, silent_after_s }: Kept, now: number): readonly Upkeep[] => {
  if (last_seen === undefined) return []
  const [for_ms, limit_ms] = [now - last_seen, silent_after_s * 1000]
  // Past the limit it is an alert and not on this list any more.
  if (for_ms < nearly * limit_ms || for_ms >= limit_ms) return []
  const spoken = { minutes: Math.round(for_ms / 60_000), limit: Math.round(limit_ms / 60_000) }
  return [{ device: id, zone, kind: 'silence', why: { say: 'nearly_silent', with: spoken }, due_at: last_seen + limit_ms }]
}

/** Devices whose empty battery would leave a place without warning of what kills. */
const warnsOf: readonly Hazard[] = ['smoke', 'gas', 'help']
export type BatteryNow = { readonly empty: boolean; readonly full: boolean; readonly value: number | undefined }
/** An alarm of the list alone, once it must be: `full` ends it, above the level that began it. */
export const batteryNow = (readings: readonly Reading[]): BatteryNow => {
  const [value, flag] = [newestOf({ readings }, 'battery_percent'), newestOf({ readings }, 'battery_low')]
  const empty = flag === 1 || (value !== undefined && value <= battery_empty_percent)
  return { empty, full: !empty && (value === undefined || value >= battery_empty_percent + 5), value }
}
export const warnedOf = (hazards: readonly Hazard[]): Hazard | undefined => warnsOf.find(hazard => hazards.includes(hazard))
