import { isQuantity, type Quantity, quantities } from '../edge/domain/vocabulary.ts'
import { type Resolved, resolve } from './common/senml.ts'
import { flag, tidy } from './common/values.ts'
import { defineDevice, message, type Timed, Type } from './device.ts'

/** What a unit of RFC 8428 or RFC 8798 alone tells, and how it becomes ours: value × by + plus. */
const units: Readonly<Record<string, { readonly quantity: Quantity; readonly by?: number; readonly plus?: number }>> = {
  Cel: { quantity: 'temperature_celsius' },
  K: { quantity: 'temperature_celsius', plus: -273.15 },
  '%RH': { quantity: 'humidity_percent' },
  Pa: { quantity: 'pressure_hpa', by: 0.01 },
  hPa: { quantity: 'pressure_hpa' },
  lx: { quantity: 'illuminance_lux' },
  dB: { quantity: 'sound_db' },
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

/** Names that tell the quantity where the unit leaves it open; the last part of a name counts. */
const names: readonly { readonly name: RegExp; readonly quantity: Quantity; readonly by?: Readonly<Record<string, number>> }[] = [
  { name: /^(co2|carbon[-_]?dioxide)$/, quantity: 'co2_ppm', by: { '/': 1e6, '%': 1e4, ppb: 1e-3 } },
  { name: /^(co[-_]?ppm|co[-_]concentration)$/, quantity: 'carbon_monoxide_ppm', by: { '/': 1e6, '%': 1e4, ppb: 1e-3 } },
  { name: /^(hum|humidity|rh)$/, quantity: 'humidity_percent', by: { '/': 100 } },
  { name: /^(people|persons|people[-_]?count)$/, quantity: 'people_count' },
  { name: /^(battery|soc)$/, quantity: 'battery_percent', by: { '/': 100 } },
  { name: /^(smoke|fire)$/, quantity: 'smoke_alarm' },
  { name: /^gas$/, quantity: 'gas_alarm' },
  { name: /^(co|carbon[-_]?monoxide)$/, quantity: 'carbon_monoxide_alarm' },
  { name: /^(leak|water|flood|water[-_]leak)$/, quantity: 'water_leak' },
  { name: /^(button|panic|sos|press)$/, quantity: 'button_pressed' },
  { name: /^(motion|occupancy|presence|pir)$/, quantity: 'occupancy' },
  { name: /^(open|door|window)$/, quantity: 'contact_open' },
  { name: /^(switch|relay|on)$/, quantity: 'switch_on' },
  { name: /^(tamper)$/, quantity: 'tamper' },
  { name: /^(vibration|shock)$/, quantity: 'vibration' },
  { name: /^(battery[-_]low|low[-_]battery)$/, quantity: 'battery_low' }
]

const timed = (quantity: Quantity, value: number, t: number): Timed => ({ values: { [quantity]: tidy(value) }, at: t * 1000 })
const isFlag = (quantity: Quantity): boolean => quantities[quantity].unit === '' && quantities[quantity].max === 1

/** Our own word for a quantity wins, then what the unit says, then what the name says. */
const recordOf = ({ n, u, t, v, vb }: Resolved): Timed | undefined => {
  const value = v ?? (vb === undefined ? undefined : flag(vb))
  if (value === undefined) return undefined
  const last = (n.match(/[^:./]+$/)?.[0] ?? '').toLowerCase()
  const unit = u === undefined || !Object.hasOwn(units, u) ? undefined : units[u]
  if (isQuantity(last) && (unit === undefined || unit.quantity !== last)) return timed(last, value, t)
  if (unit !== undefined && v !== undefined) return timed(unit.quantity, v * (unit.by ?? 1) + (unit.plus ?? 0), t)
  const named = names.find(({ name }) => name.test(last))
  if (named === undefined || (vb !== undefined && !isFlag(named.quantity))) return undefined
  return timed(named.quantity, value * (u === undefined ? 1 : (named.by?.[u] ?? 1)), t)
}

const rfc = 'RFC 8428 section 5.1.2, as quoted in a public test; draft senml data-ct'

export default defineDevice({
  vendor: 'IETF',
  model: 'SenML (RFC 8428)',
  label: { 'zh-CN': 'SenML 设备（RFC 8428）', en: 'SenML device (RFC 8428)' },
  topics: (topic, id) => ({
    publish: [topic, `${topic}/telemetry`, `devices/${id}/telemetry`],
    subscribe: [`${topic}/command`, `devices/${id}/command`]
  }),
  messages: [
    message({
      on: ['devices/{id}/telemetry', '{topic}/telemetry', '{topic}'],
      payload: Type.Array(Type.Unknown(), { maxItems: 1000 }),
      decode: (pack, { now }) => {
        const resolved = resolve(pack, now / 1000)
        return 'unreadable' in resolved ? resolved : { records: resolved.records.flatMap(record => recordOf(record) ?? []) }
      }
    })
  ],
  measures: Object.keys(quantities) as Quantity[],
  examples: [
    {
      name: 'a temperature, a door and something unreadable to us, now',
      source: rfc,
      says: [
        { bn: 'urn:dev:ow:10e2073a01080063:', n: 'temp', u: 'Cel', v: 7.1 },
        { n: 'open', vb: false },
        { n: 'nfc-reader', vd: 'aGkgCg' }
      ],
      means: { records: [{ values: { temperature_celsius: 7.1 } }, { values: { contact_open: 0 } }] }
    },
    {
      name: 'a series told late, places left out',
      source: `${rfc}, its base time moved to this year`,
      says: [
        { bn: 'urn:dev:ow:10e2073a01080063:', bt: 1795507000, bu: '%RH', v: 20 },
        { u: 'lon', v: 24.30621 },
        { t: 60, v: 20.3 },
        { u: '%EL', t: 150, v: 98 }
      ],
      means: {
        records: [
          { values: { humidity_percent: 20 }, at: 1_795_507_000_000 },
          { values: { humidity_percent: 20.3 }, at: 1_795_507_060_000 },
          { values: { battery_percent: 98 }, at: 1_795_507_150_000 }
        ]
      }
    },
    {
      name: 'units that are not ours, five seconds ago',
      says: [
        { bn: 'plant/', bt: -5 },
        { n: 't', u: 'K', v: 300 },
        { n: 'p', u: 'Pa', v: 101325 },
        { n: 'e', u: 'J', v: 7.2e6 },
        { n: 'co2', u: 'ppm', v: 640 },
        { n: 'people', u: 'count', v: 12 }
      ],
      means: {
        records: [
          { values: { temperature_celsius: 26.85 }, at: 1_795_507_195_000 },
          { values: { pressure_hpa: 1013.25 }, at: 1_795_507_195_000 },
          { values: { energy_kwh: 2 }, at: 1_795_507_195_000 },
          { values: { co2_ppm: 640 }, at: 1_795_507_195_000 },
          { values: { people_count: 12 }, at: 1_795_507_195_000 }
        ]
      }
    },
    {
      name: 'every quantity by our own name',
      says: Object.keys(quantities).map(n => ({ n, v: 1 })),
      means: { records: Object.keys(quantities).map(quantity => ({ values: { [quantity]: 1 } })) }
    },
    { name: 'only a name that tells nothing', says: [{ n: 'x', vs: 'hello' }], means: { nothing: 'no quantity in it that we know' } },
    { name: 'a record without a name', says: [{ v: 1 }], means: { unreadable: 'record 0: has no name' } }
  ],
  simulate: {
    every_s: 10,
    says: (between, now) => ({
      payload: [
        { bn: 'urn:dev:sim:', bt: now / 1000, n: 'temp', u: 'Cel', v: between(19, 23) },
        { n: 'humidity', u: '%RH', v: between(40, 55) },
        { n: 'light', u: 'lx', v: between(200, 500) }
      ]
    })
  }
})
