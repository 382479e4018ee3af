import t from 'tap'
import { meaningOf } from '../../devices/common/words.ts'

t.test('a free name means a quantity where nobody could be in doubt', async t => {
  const table: readonly (readonly [
    name: string,
    value: unknown,
    unit: string | undefined,
    meant: readonly [string, number] | undefined
  ])[] = [
    ['temperature', 21.5, undefined, ['temperature_celsius', 21.5]],
    ['Hall/Temperature', 70.7, '°F', ['temperature_celsius', 21.5]],
    ['tempC', 21.5, undefined, ['temperature_celsius', 21.5]],
    ['TempC_SHT', 21.5, undefined, ['temperature_celsius', 21.5]],
    ['Device 1/Hall/Temp', 81, undefined, ['temperature_celsius', 81]],
    ['cpu/temperature', 81, '°C', ['device_temperature_celsius', 81]],
    ['device_temperature', 41, 'Cel', ['device_temperature_celsius', 41]],
    ['device_temperature_celsius', 300, 'K', ['device_temperature_celsius', 26.85]],
    ['urn:dev:ow:10e2073a01080063:open', false, undefined, ['contact_open', 0]],
    ['doorOpen', true, undefined, undefined],
    ['Door/Open', true, undefined, ['contact_open', 1]],
    ['load', 2, 'kW', ['power_watts', 2000]],
    ['people/count', 42, undefined, ['people_count', 42]],
    ['co', 35, 'ppm', ['carbon_monoxide_ppm', 35]],
    ['co', true, undefined, ['carbon_monoxide_alarm', 1]],
    ['co2', 6.4e-4, '/', ['co2_ppm', 640]],
    ['battery', 92, undefined, ['battery_percent', 92]],
    ['battery', 0.5, '/', ['battery_percent', 50]],
    ['leak', 'leak', undefined, ['water_leak', 1]],
    ['gas', true, undefined, ['gas_alarm', 1]],
    ['smoke', 1, undefined, ['smoke_alarm', 1]],
    // Where somebody could be.
    ['battery', 3.6, undefined, undefined],
    ['gas', 1, undefined, undefined],
    ['water', 1, 'm3', undefined],
    ['water', 1, undefined, undefined],
    ['press', 1, undefined, undefined],
    ['smoke', 57, undefined, undefined],
    ['smoke', 'true', undefined, undefined],
    ['smoke', [true], undefined, undefined],
    ['temperature', true, undefined, undefined],
    ['temperature', '21.5', undefined, undefined],
    ['temperature', 70, 'furlong', undefined],
    ['count', 42, undefined, undefined],
    ['value', 1, undefined, undefined],
    ['temperature_setpoint', 60, '°C', undefined],
    ['max/temperature_celsius', 60, undefined, undefined],
    ['lamp/color_temp', 2700, 'K', undefined],
    ['lora/snr', 9, 'dB', undefined],
    ['', 1, undefined, undefined],
    ['__proto__', 1, '__proto__', undefined],
    ['constructor', 1, 'constructor', undefined]
  ]
  for (const [name, value, unit, meant] of table)
    t.strictSame(meaningOf(name, value, unit), meant, `${name} ${JSON.stringify(value)} ${unit ?? ''}`)
})
