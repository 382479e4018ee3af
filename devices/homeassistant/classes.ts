/** Device classes and units of Home Assistant, as our quantities. A class that is not here is none of ours, and says so. */
import type { Quantity } from '../../edge/domain/vocabulary.ts'

/** value × times + plus, for each unit the class may be told in; the first is ours. */
type Units = Readonly<Record<string, { readonly times: number; readonly plus?: number }>>
const plain = { times: 1 }

const pressure: Units = {
  hPa: plain,
  mbar: plain,
  kPa: { times: 10 },
  Pa: { times: 0.01 },
  bar: { times: 1000 },
  inHg: { times: 33.863_886_67 },
  mmHg: { times: 1.333_223_68 },
  psi: { times: 68.947_572_93 }
}

export const numbers: Readonly<Record<string, { readonly quantity: Quantity; readonly units: Units }>> = {
  temperature: {
    quantity: 'temperature_celsius',
    units: { '°C': plain, '°F': { times: 1 / 1.8, plus: -32 / 1.8 }, K: { times: 1, plus: -273.15 } }
  },
  humidity: { quantity: 'humidity_percent', units: { '%': plain } },
  atmospheric_pressure: { quantity: 'pressure_hpa', units: pressure },
  pressure: { quantity: 'pressure_hpa', units: pressure },
  illuminance: { quantity: 'illuminance_lux', units: { lx: plain } },
  carbon_dioxide: { quantity: 'co2_ppm', units: { ppm: plain } },
  carbon_monoxide: { quantity: 'carbon_monoxide_ppm', units: { ppm: plain, ppb: { times: 0.001 } } },
  pm25: { quantity: 'pm25_ug_per_m3', units: { 'µg/m³': plain, 'μg/m³': plain } },
  sound_pressure: { quantity: 'sound_db', units: { dB: plain, dBA: plain } },
  power: { quantity: 'power_watts', units: { W: plain, mW: { times: 0.001 }, kW: { times: 1000 }, MW: { times: 1e6 } } },
  energy: { quantity: 'energy_kwh', units: { kWh: plain, Wh: { times: 0.001 }, MWh: { times: 1000 } } },
  voltage: { quantity: 'voltage_volts', units: { V: plain, mV: { times: 0.001 }, kV: { times: 1000 } } },
  current: { quantity: 'current_amperes', units: { A: plain, mA: { times: 0.001 } } },
  battery: { quantity: 'battery_percent', units: { '%': plain } },
  signal_strength: { quantity: 'signal_dbm', units: { dBm: plain } }
}

/** On is always the word of trouble: smoke there, door open, battery low. */
export const flags: Readonly<Record<string, Quantity>> = {
  smoke: 'smoke_alarm',
  gas: 'gas_alarm',
  carbon_monoxide: 'carbon_monoxide_alarm',
  moisture: 'water_leak',
  door: 'contact_open',
  window: 'contact_open',
  garage_door: 'contact_open',
  opening: 'contact_open',
  motion: 'occupancy',
  occupancy: 'occupancy',
  presence: 'occupancy',
  vibration: 'vibration',
  battery: 'battery_low',
  update: 'firmware_offered',
  tamper: 'tamper',
  problem: 'trouble',
  safety: 'trouble'
}

/** Events and triggers that are a press, by the names of the convention. A release is none. */
export const press = /(^|_)(press|pressed|single|double|triple|long|hold|click|panic|sos|ring)(_|$)/
export const release = /release/
