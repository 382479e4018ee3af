import t from 'tap'
import { openStanding } from '../../devices/common/standing.ts'
import { meaningOf, misreadOf } from '../../devices/common/words.ts'

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

t.test('an alarm by its name with a value that is none is told, and nothing else is', async t => {
  for (const [name, value] of [
    ['smoke', 'true'],
    ['smoke', 57],
    ['north/smoke', 'yes'],
    ['smoke_alarm', 0.5],
    ['co', 'high'],
    ['leak', []]
  ] as const)
    t.match(misreadOf(name, value), /is true or false, 1 or 0/, `${name} ${value}`)
  for (const [name, value] of [
    ['smoke', null],
    ['smoke', undefined],
    ['smoke_threshold', 4],
    ['threshold/smoke', 4],
    ['water', 12.3],
    ['gas', 12.3],
    ['button', 'released'],
    ['door', 'ajar'],
    ['temperature', 'warm'],
    ['model', 'smoke']
  ] as const)
    t.equal(misreadOf(name, value), undefined, `${name} ${value}`)
})

t.test('of several parts the highest stands: in order, late, of another device, a press, one too many', async t => {
  const { flagWith, keep, highest, forget } = openStanding()
  const smoke = (name: string, value: number, at: number, owner = 'a') => flagWith(owner, name, 'smoke_alarm', value, at)
  t.equal(smoke('north', 1, 10), 1)
  t.equal(smoke('south', 0, 11), 1, 'the other still sees it')
  t.equal(smoke('south', 0, 11, 'b'), 0, 'another device has its own')
  t.equal(smoke('south', 0, 9), 0, 'of before nobody knew')
  t.equal(smoke('north', 0, 12), 0)
  t.equal(smoke('north', 1, 11), 1, 'what is told late is told')
  t.equal(smoke('south', 0, 13), 0, 'and does not stand')
  flagWith('a', 'desk', 'button_pressed', 1, 14)
  t.equal(flagWith('a', 'door', 'button_pressed', 0, 15), 0, 'a press is over at once')
  t.equal(flagWith('a', 'loft', 'temperature_celsius', 20, 16), 20)
  t.equal(highest('a', 'temperature_celsius', 16), undefined, 'numbers are each for themselves')
  for (let i = 0; i < 6000; i++) keep('c', `n${i}`, 'smoke_alarm', i === 5999 ? 1 : 0)
  t.equal(highest('c', 'smoke_alarm'), 0, 'the 5,001st name is heard and not remembered')
  forget('c')
  keep('d', 'x'.repeat(201), 'smoke_alarm', 1)
  t.equal(highest('d', 'smoke_alarm'), undefined, 'nor is a name without end')
  keep('c', 'again', 'smoke_alarm', 1)
  t.equal(highest('c', 'smoke_alarm'), 1, 'until others are forgotten')
})
