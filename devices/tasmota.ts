import { fahrenheit, flag, highest, tidy, type Values } from './common/values.ts'
import { meaningOf } from './common/words.ts'
import { defineDevice, message, Type } from './device.ts'

const isNumber = (value: unknown): value is number => typeof value === 'number'
const only = (value: unknown): number | undefined => (isNumber(value) ? value : undefined)
/** A three-phase meter tells one value per phase; no other block has lists. */
const phases = (value: unknown): number[] =>
  Array.isArray(value) ? (value.length > 1 && value.every(isNumber) ? value : []) : isNumber(value) ? [value] : []
const most = (value: unknown): number | undefined => (phases(value).length === 0 ? undefined : Math.max(...phases(value)))
const total = (value: unknown): number | undefined =>
  phases(value).length === 0 ? undefined : tidy(phases(value).reduce((sum, one) => sum + one, 0))

type Block = Readonly<Record<string, unknown>>
const isBlock = (value: unknown): value is Block => typeof value === 'object' && value !== null && !Array.isArray(value)

/** One sensor's block; its name is the chip's, with an index where there are several (`DS18B20-2`). */
const fromBlock = (values: Values, name: string, block: Block, units: { readonly fahrenheit: boolean; readonly mmhg: boolean }): void => {
  const temperature = only(block.Temperature)
  const celsius = temperature === undefined || !units.fahrenheit ? temperature : fahrenheit(temperature)
  // The processor's own heat is no room's.
  highest(values, name.startsWith('ESP32') ? 'device_temperature_celsius' : 'temperature_celsius', celsius)
  highest(values, 'humidity_percent', only(block.Humidity))
  const pressure = only(block.Pressure)
  highest(values, 'pressure_hpa', pressure === undefined || !units.mmhg ? pressure : tidy(pressure * 1.333224))
  highest(values, 'illuminance_lux', only(block.Illuminance) ?? only(block.Lux))
  highest(values, 'co2_ppm', only(block.CarbonDioxide))
  highest(values, 'pm25_ug_per_m3', only(block['PM2.5']))
  if (name !== 'ENERGY') return
  highest(values, 'power_watts', total(block.Power))
  highest(values, 'energy_kwh', total(block.Total))
  highest(values, 'voltage_volts', most(block.Voltage))
  highest(values, 'current_amperes', total(block.Current))
}

/** One device has one switch: the first relay. */
const power = (said: Block): Values => {
  const first = said.POWER ?? said.POWER1
  return first === 'ON' || first === 'OFF' ? { switch_on: flag(first === 'ON') } : {}
}

const pressed = (said: Block): boolean =>
  Object.entries(said).some(
    ([name, what]) =>
      /^Button\d+$/.test(name) &&
      isBlock(what) &&
      typeof what.Action === 'string' &&
      /^(SINGLE|DOUBLE|TRIPLE|QUAD|PENTA|HOLD)$/.test(what.Action)
  )

/** A switch input is what its installer named it (`SwitchText1 PIR`): `ON` in telemetry, `{ Action: 'ON' }` when it changes. */
const inputs = (values: Values, said: Block): void => {
  for (const [name, what] of Object.entries(said)) {
    const state = isBlock(what) ? what.Action : what
    if (state !== 'ON' && state !== 'OFF') continue
    const meaning = meaningOf(name, state === 'ON')
    if (meaning !== undefined) highest(values, ...meaning)
  }
}

const Said = Type.Object({})

export default defineDevice({
  vendor: 'Tasmota',
  model: 'Tasmota',
  label: { 'zh-CN': 'Tasmota 设备', en: 'Tasmota device' },
  topics: topic => ({ publish: [`tele/${topic}/+`, `stat/${topic}/+`], subscribe: [`cmnd/${topic}/#`] }),
  messages: [
    message({
      on: ['tele/{topic}/LWT'],
      text: true,
      payload: Type.Union([Type.Literal('Online'), Type.Literal('Offline')]),
      decode: said => ({ online: said === 'Online' })
    }),
    message({
      on: ['tele/{topic}/SENSOR', 'stat/{topic}/STATUS8', 'stat/{topic}/STATUS10'],
      payload: Said,
      // `Time` is the device's local time without a zone, so the station's clock is used.
      decode: (said: Block) => {
        const sensors = isBlock(said.StatusSNS) ? said.StatusSNS : said
        const units = { fahrenheit: sensors.TempUnit === 'F', mmhg: sensors.PressureUnit === 'mmHg' }
        const values: Values = {}
        for (const [name, block] of Object.entries(sensors)) if (isBlock(block)) fromBlock(values, name, block, units)
        inputs(values, sensors)
        return values
      }
    }),
    message({
      on: ['tele/{topic}/STATE', 'stat/{topic}/RESULT', 'stat/{topic}/STATUS11'],
      payload: Said,
      decode: (said: Block) => {
        const state = isBlock(said.StatusSTS) ? said.StatusSTS : said
        const wifi = isBlock(state.Wifi) ? state.Wifi : {}
        // Wifi.RSSI is a percentage here; Wifi.Signal is the dBm.
        const values: Values = {
          ...power(state),
          ...(isNumber(wifi.Signal) && { signal_dbm: wifi.Signal }),
          ...(pressed(state) && { button_pressed: 1 })
        }
        inputs(values, state)
        return values
      }
    }),
    message({
      on: ['stat/{topic}/POWER', 'stat/{topic}/POWER1'],
      text: true,
      payload: Type.Union([Type.Literal('ON'), Type.Literal('OFF')]),
      decode: said => ({ switch_on: flag(said === 'ON') })
    }),
    { on: ['tele/{topic}/+', 'stat/{topic}/+'], ignore: 'Tasmota speaks of itself' }
  ],
  measures: [
    'temperature_celsius',
    'device_temperature_celsius',
    'humidity_percent',
    'pressure_hpa',
    'illuminance_lux',
    'co2_ppm',
    'pm25_ug_per_m3',
    'power_watts',
    'energy_kwh',
    'voltage_volts',
    'current_amperes',
    'switch_on',
    'signal_dbm',
    'button_pressed',
    'occupancy',
    'contact_open',
    'water_leak'
  ],
  examples: [
    {
      name: 'a temperature and humidity sensor; its local time of 2019 is not believed, nor doubted',
      topic: 'tele/{topic}/SENSOR',
      source: 'tasmota.github.io/docs/AM2301',
      says: { Time: '2019-01-01T00:00:00', AM2301: { Temperature: 24.6, Humidity: 58.2 }, TempUnit: 'C' },
      means: { temperature_celsius: 24.6, humidity_percent: 58.2 }
    },
    {
      name: 'three sensors in Fahrenheit: the hottest is heard, the processor apart',
      topic: 'tele/{topic}/SENSOR',
      says: {
        Time: '2026-11-24T16:00:00',
        'DS18B20-1': { Id: '01131B123456', Temperature: 70.7 },
        'DS18B20-2': { Id: '01131B654321', Temperature: 140 },
        BME280: { Temperature: 68, Humidity: 41, DewPoint: 43.4, Pressure: 750 },
        ESP32: { Temperature: 127.4 },
        PressureUnit: 'mmHg',
        TempUnit: 'F'
      },
      means: { temperature_celsius: 60, humidity_percent: 41, pressure_hpa: 999.918, device_temperature_celsius: 53 }
    },
    {
      name: 'light and air',
      topic: 'tele/{topic}/SENSOR',
      says: { BH1750: { Illuminance: 79 }, SCD40: { CarbonDioxide: 612, Temperature: 22.1 }, PMS5003: { 'PM2.5': 9 } },
      means: { illuminance_lux: 79, co2_ppm: 612, temperature_celsius: 22.1, pm25_ug_per_m3: 9 }
    },
    {
      name: 'a three-phase meter',
      topic: 'tele/{topic}/SENSOR',
      says: { ENERGY: { Total: 1204.512, Power: [120, 0, 310.5], Voltage: [230, 231, 229], Current: [0.5, 0, 1.35] } },
      means: { energy_kwh: 1204.512, power_watts: 430.5, voltage_volts: 231, current_amperes: 1.85 }
    },
    {
      name: 'the state of a relay',
      topic: 'tele/{topic}/STATE',
      source: 'robertklep/name.klep.sonoff issue #6',
      says: { Time: '2018-03-02T18:25:02', Uptime: '0T00:00:19', Vcc: 3.151, POWER: 'OFF', Wifi: { AP: 1, RSSI: 66 } },
      means: { switch_on: 0 }
    },
    {
      name: 'a newer state tells dBm',
      topic: 'tele/{topic}/STATE',
      says: { POWER: 'ON', Wifi: { RSSI: 66, Signal: -67 } },
      means: { switch_on: 1, signal_dbm: -67 }
    },
    {
      name: 'the answer to a command',
      topic: 'stat/{topic}/RESULT',
      source: 'robertklep/name.klep.sonoff issue #6',
      says: { POWER: 'OFF' },
      means: { switch_on: 0 }
    },
    { name: 'a button', topic: 'stat/{topic}/RESULT', says: { Button1: { Action: 'SINGLE' } }, means: { button_pressed: 1 } },
    {
      name: 'inputs in telemetry, named by their installer; one that kept its number says nothing we could know',
      topic: 'tele/{topic}/SENSOR',
      says: { Time: '2026-11-24T16:00:00', Switch1: 'ON', PIR: 'OFF', Door: 'ON', AM2301: { Temperature: 24.6 } },
      means: { occupancy: 0, contact_open: 1, temperature_celsius: 24.6 }
    },
    {
      name: 'an input changes',
      topic: 'stat/{topic}/RESULT',
      says: { Leak: { Action: 'ON' } },
      means: { water_leak: 1 }
    },
    { name: 'a relay as plain text', topic: 'stat/{topic}/POWER', says: 'ON', means: { switch_on: 1 } },
    { name: 'its last will', topic: 'tele/{topic}/LWT', says: 'Offline', means: { online: false } },
    { name: 'back again', topic: 'tele/{topic}/LWT', says: 'Online', means: { online: true } },
    {
      name: 'its firmware',
      topic: 'tele/{topic}/INFO1',
      says: { Info1: { Module: 'Generic' } },
      means: { nothing: 'Tasmota speaks of itself' }
    },
    {
      name: 'a sensor we do not know',
      topic: 'tele/{topic}/SENSOR',
      says: { MQ2: { Raw: 12 } },
      means: { nothing: 'no quantity in it that we know' }
    }
  ],
  simulate: {
    every_s: 15,
    says: (between, now) => ({
      topic: 'tele/{topic}/SENSOR',
      payload: {
        Time: new Date(now).toISOString().slice(0, 19),
        AM2301: { Temperature: between(20, 25), Humidity: between(40, 60) },
        TempUnit: 'C'
      }
    })
  },
  commands: {
    lamp: {
      tell: ({ state }) => ({ topic: 'cmnd/{topic}/POWER', payload: state === 'blink' ? 'BLINK' : state === 'on' ? 'ON' : 'OFF' }),
      answers: 'switch_on',
      examples: [
        { name: 'on', order: { state: 'on' }, topic: 'cmnd/{topic}/POWER', says: 'ON' },
        { name: 'somebody comes', order: { state: 'blink' }, topic: 'cmnd/{topic}/POWER', says: 'BLINK' }
      ]
    },
    tone: {
      // Beeps, and the tenths of a second that each lasts.
      tell: ({ state, for_s = 1 }) => ({ topic: 'cmnd/{topic}/BUZZER', payload: state === 'off' ? '0' : `1,${Math.round(10 * for_s)}` }),
      examples: [
        {
          name: 'a short tone',
          source: 'tasmota.github.io/docs/Buzzer',
          order: { state: 'on', for_s: 1 },
          topic: 'cmnd/{topic}/BUZZER',
          says: '1,10'
        },
        { name: 'quiet', order: { state: 'off' }, topic: 'cmnd/{topic}/BUZZER', says: '0' }
      ]
    },
    siren: {
      tell: ({ state }) => ({ topic: 'cmnd/{topic}/POWER', payload: state === 'off' ? 'OFF' : 'ON' }),
      answers: 'switch_on',
      examples: [
        { name: 'a horn on a relay', order: { state: 'on', for_s: 30 }, topic: 'cmnd/{topic}/POWER', says: 'ON' },
        { name: 'quiet', order: { state: 'off' }, topic: 'cmnd/{topic}/POWER', says: 'OFF' }
      ]
    }
  }
})
