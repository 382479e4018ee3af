/**
 * What people call things in conventions that fix no names (SenML, Sparkplug, LoRaWAN codecs, gateways), in our quantities. Our own
 * word wins, then what the unit says, then what the name says. A guess that could be wrong is none: a value we do not understand is
 * counted and seen, a wrong one raises alarms.
 */
import { believable, isQuantity, type Quantity } from '../../edge/domain/vocabulary.ts'
import type { Timed } from '../device.ts'
import type { Standing } from './standing.ts'
import { fitted, flag, highest, isFlag, tidy, type Values } from './values.ts'

type Into = { readonly quantity: Quantity; readonly by?: number; readonly plus?: number }

/** Units that tell the quantity alone: of RFC 8428 and RFC 8798, then as people write them. Ours is value × by + plus. */
const units: Readonly<Record<string, Into>> = {
  Cel: { quantity: 'temperature_celsius' },
  '°C': { quantity: 'temperature_celsius' },
  '℃': { quantity: 'temperature_celsius' },
  degC: { quantity: 'temperature_celsius' },
  '°F': { quantity: 'temperature_celsius', by: 1 / 1.8, plus: -32 / 1.8 },
  '℉': { quantity: 'temperature_celsius', by: 1 / 1.8, plus: -32 / 1.8 },
  degF: { quantity: 'temperature_celsius', by: 1 / 1.8, plus: -32 / 1.8 },
  K: { quantity: 'temperature_celsius', plus: -273.15 },
  '%RH': { quantity: 'humidity_percent' },
  Pa: { quantity: 'pressure_hpa', by: 0.01 },
  hPa: { quantity: 'pressure_hpa' },
  mbar: { quantity: 'pressure_hpa' },
  lx: { quantity: 'illuminance_lux' },
  lux: { quantity: 'illuminance_lux' },
  dB: { quantity: 'sound_db' },
  'dB(A)': { quantity: 'sound_db' },
  '%LEL': { quantity: 'gas_lel_percent' },
  W: { quantity: 'power_watts' },
  kW: { quantity: 'power_watts', by: 1000 },
  mW: { quantity: 'power_watts', by: 0.001 },
  J: { quantity: 'energy_kwh', by: 1 / 3.6e6 },
  Wh: { quantity: 'energy_kwh', by: 0.001 },
  kWh: { quantity: 'energy_kwh' },
  V: { quantity: 'voltage_volts' },
  mV: { quantity: 'voltage_volts', by: 0.001 },
  A: { quantity: 'current_amperes' },
  mA: { quantity: 'current_amperes', by: 0.001 },
  '%EL': { quantity: 'battery_percent' },
  dBW: { quantity: 'signal_dbm', plus: 30 },
  dBm: { quantity: 'signal_dbm' }
}

const parts = { '/': 1e6, '%': 1e4, ppb: 1e-3 }
/** `by` converts the units of a name; others than those and `plain` leave it without a meaning. What `counts` may be a meter: 1 is no alarm. */
const names: readonly {
  readonly name: RegExp
  readonly quantity: Quantity
  readonly by?: Readonly<Record<string, number>>
  readonly counts?: true
}[] = [
  { name: /^(co2|carbon_?dioxide)(_ppm)?$/, quantity: 'co2_ppm', by: parts },
  { name: /^(co|carbon_?monoxide|co_concentration)(_ppm)?$/, quantity: 'carbon_monoxide_ppm', by: parts },
  { name: /^(temp|temperature|temp_?c|temperature_c|temp_c_(sht|ds)|air_temperature|room_temperature)$/, quantity: 'temperature_celsius' },
  { name: /^(hum|humidity|rh|hum_sht|relative_humidity)$/, quantity: 'humidity_percent', by: { '/': 100 } },
  { name: /^(barometric_pressure|barometer|air_pressure)$/, quantity: 'pressure_hpa' },
  { name: /^(illuminance|lux|light_level)$/, quantity: 'illuminance_lux' },
  { name: /^(pm25|pm2_5)$/, quantity: 'pm25_ug_per_m3' },
  { name: /^(noise|sound_level|laeq)$/, quantity: 'sound_db' },
  { name: /^(people|persons|people_?count|person_?count|crowd_count)$/, quantity: 'people_count' },
  { name: /^(crowd|people)_density$/, quantity: 'density_per_m2' },
  { name: /^(battery|battery_level|soc)$/, quantity: 'battery_percent', by: { '/': 100 } },
  { name: /^(bat_?v|battery_voltage|vbat|voltage)$/, quantity: 'voltage_volts' },
  { name: /^(active_)?power$/, quantity: 'power_watts' },
  { name: /^rssi$/, quantity: 'signal_dbm' },
  { name: /^(smoke|fire|smoke_(alarm|status|detected))$/, quantity: 'smoke_alarm' },
  { name: /^gas_(alarm|status|detected)$/, quantity: 'gas_alarm' },
  { name: /^gas$/, quantity: 'gas_alarm', counts: true },
  { name: /^(co|carbon_?monoxide)(_alarm)?$/, quantity: 'carbon_monoxide_alarm' },
  { name: /^(leak|flood|water_?leak|leakage_status|water_leak_status)$/, quantity: 'water_leak' },
  { name: /^water$/, quantity: 'water_leak', counts: true },
  { name: /^(button|panic|sos|button_pressed|button_event)$/, quantity: 'button_pressed' },
  { name: /^(motion|occupancy|presence|pir|occupied)$/, quantity: 'occupancy' },
  { name: /^(open|door|window|magnet_status|door_open_status|contact_open)$/, quantity: 'contact_open' },
  { name: /^(switch|relay|on)$/, quantity: 'switch_on' },
  { name: /^(tamper|tamper_status)$/, quantity: 'tamper' },
  { name: /^(vibration|shock)$/, quantity: 'vibration' },
  { name: /^(battery_?low|low_?battery)$/, quantity: 'battery_low' }
]
/** Units that add nothing to a name. */
const plain = /^(%|ppm|hPa|lx|count|persons?|people|1|)$|g\/m[3³]$/

/** What is wished, computed, rated or the edge of a range is no reading, nor is the colour of light a heat or a signal's margin a sound. */
const no_reading =
  /(^|_)(set_?point|target|threshold|limit|min|max|minimum|maximum|average|avg|mean|dew|offset|high|low_alarm|config|rated|nominal|colou?r|snr|gain)(_|$)/
/** A processor's own heat is no room's; what stands further up the name (`Device 1/Hall/Temp`) says nothing of that. */
const inside = (last: string, pair: string): boolean =>
  /(^|_)(cpu|processor|chip|core|internal)(_|$)/.test(pair) || /^device_temp/.test(last)

/** Words some codecs give instead of a flag. Any other text, `"false"` too, is none. */
const spoken: Readonly<Partial<Record<Quantity, Readonly<Record<string, number>>>>> = {
  contact_open: { open: 1, opened: 1, close: 0, closed: 0 },
  water_leak: { leak: 1, normal: 0 },
  smoke_alarm: { alarm: 1, normal: 0 },
  gas_alarm: { alarm: 1, normal: 0 },
  occupancy: { trigger: 1, occupied: 1, vacant: 0, normal: 0 },
  button_pressed: { pressed: 1, 'short press': 1, 'long press': 1, 'double press': 1 }
}

const isHeat = (quantity: Quantity): boolean => quantity === 'temperature_celsius' || quantity === 'device_temperature_celsius'

/** `doorOpen`, `Room 2/Temp` and `urn:dev:1:temp` in one spelling; only the end of a long name is looked at. */
const spelled = (name: string): readonly string[] =>
  name
    .slice(-80)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[/:.]+/)
    .filter(part => part !== '')
    .map(part => part.replaceAll(/[^a-z0-9]+/g, '_'))

const fitting = ({ quantity, by = 1, plus = 0 }: Into, value: unknown): readonly [Quantity, number] | undefined => {
  if (isFlag(quantity)) {
    if (typeof value === 'string') {
      const words = spoken[quantity] ?? {}
      const word = value.toLowerCase()
      return Object.hasOwn(words, word) ? [quantity, words[word] as number] : undefined
    }
    if (typeof value === 'boolean') return [quantity, flag(value)]
    return value === 0 || value === 1 ? [quantity, value] : undefined
  }
  if (typeof value !== 'number') return undefined
  const ours = tidy(value * by + plus)
  return Number.isFinite(ours) ? [quantity, ours] : undefined
}

/** The quantity and its value, or undefined where nobody could be sure. `value` may be anything. */
export const meaningOf = (name: string, value: unknown, unit = ''): readonly [Quantity, number] | undefined => {
  const path = spelled(name)
  const last = path.at(-1) ?? ''
  const pair = path.slice(-2).join('_')
  const told = Object.hasOwn(units, unit) ? units[unit] : undefined
  const own = [last, pair].find(isQuantity)
  if (own !== undefined) {
    if (own === last && no_reading.test(path.at(-2) ?? '')) return undefined
    const converts = told !== undefined && (told.quantity === own || (isHeat(told.quantity) && isHeat(own)))
    return fitting(converts ? { ...told, quantity: own } : { quantity: own }, value)
  }
  if (no_reading.test(pair)) return undefined
  const whose = (into: Into): Into =>
    isHeat(into.quantity) && inside(last, pair) ? { ...into, quantity: 'device_temperature_celsius' } : into
  if (told !== undefined && typeof value === 'number') return fitting(whose(told), value)
  for (const { name, quantity, by, counts } of names) {
    if (!(name.test(last) || name.test(pair)) || (counts && typeof value === 'number')) continue
    const times = by?.[unit] ?? (plain.test(unit) ? 1 : undefined)
    // 3.6 under the bare name `battery` are volts and no empty battery.
    const volts = quantity === 'battery_percent' && unit === '' && typeof value === 'number' && value < 5 && !Number.isInteger(value)
    if (times === undefined || volts) continue
    const meant = fitting(whose({ quantity, by: times }), value)
    if (meant !== undefined) return meant
  }
  return undefined
}

/** An alarm by its name and a value that is none: nobody hears of the smoke, so somebody has to see that. Codecs say many things of a button at rest. */
export const misreadOf = (name: string, value: unknown): string | undefined => {
  const path = spelled(name)
  const [last = '', pair] = [path.at(-1), path.slice(-2).join('_')]
  if (value === undefined || value === null || no_reading.test(pair)) return undefined
  const named = names.find(({ name, quantity, counts }) => isFlag(quantity) && !counts && (name.test(last) || name.test(pair)))
  const quantity = [last, pair].find(isQuantity) ?? named?.quantity
  if (quantity === undefined || quantity === 'button_pressed' || !isFlag(quantity) || !believable(quantity).urgent) return undefined
  const fits = fitted(quantity, value)
  return typeof fits === 'number' ? undefined : fits.unreadable
}

/** An object of free names, one level of objects deep, as a codec or a gateway fills it, of this device at that time. */
export const valuesOf = (
  said: Readonly<Record<string, unknown>>,
  standing: Standing,
  device: string,
  claimed: number | undefined,
  now: number
): Timed => {
  const values: Values = {}
  const at = Math.min(claimed ?? now, now)
  let misread: string | undefined
  const take = (name: string, value: unknown): void => {
    const meaning = meaningOf(name, value)
    if (meaning === undefined) misread ??= misreadOf(name, value)
    else highest(values, meaning[0], standing.flagWith(device, name, ...meaning, at))
  }
  for (const [name, value] of Object.entries(said)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) take(name, value)
    else for (const [inner, one] of Object.entries(value)) take(`${name}/${inner}`, one)
  }
  return { values, at: claimed, misread }
}
