import { isQuantity, type Quantity, quantities } from '../edge/domain/vocabulary.ts'
import { misread, unreadable } from './common/payload.ts'
import { claimedTime } from './common/time.ts'
import { everyQuantity, fitted } from './common/values.ts'
import { defineDevice, message, type Said, type Timed, Type, type Values } from './device.ts'

type Words = Readonly<Record<string, unknown>>
const time = ({ at, time, timestamp }: Words): number | undefined => claimedTime(at ?? time ?? timestamp)

/** `{quantity, value}`, or an object whose keys are our quantities. A word we know with a value that is none is no reading. */
const one = (said: Words, outer?: number): Timed => {
  const at = time(said) ?? outer
  const pairs: [string, unknown][] = typeof said.quantity === 'string' ? [[said.quantity, said.value]] : Object.entries(said)
  const values: Values = {}
  let misread: string | undefined
  for (const [word, value] of pairs) {
    if (!isQuantity(word) || value === null) continue
    const fits = fitted(word, value)
    if (typeof fits === 'number') values[word] = fits
    else misread ??= fits.unreadable
  }
  return { values, at, misread }
}

const corner = 'devices/{id}/command'
/** It answers with `switch_on` of its own, in its next message. */
const answers = 'switch_on'

export default defineDevice({
  vendor: 'generic',
  model: 'JSON',
  label: { 'zh-CN': '通用 JSON 设备', en: 'generic JSON device' },
  topics: (topic, id) => ({
    publish: [topic, `${topic}/telemetry`, `devices/${id}/telemetry`],
    subscribe: [`${topic}/command`, `devices/${id}/command`]
  }),
  messages: [
    message({
      on: ['devices/{id}/telemetry', '{topic}/telemetry', '{topic}'],
      payload: Type.Union([Type.Object({}), Type.Array(Type.Object({}), { maxItems: 1000 })]),
      decode: (said: Words | readonly Words[]): Said => {
        const list = Array.isArray(said) ? said : (said as Words).readings
        if (list === undefined) return one(said as Words)
        if (!Array.isArray(list)) return { unreadable: 'readings must be a list' }
        const outer = Array.isArray(said) ? undefined : time(said as Words)
        const records = (list as unknown[]).map(
          (entry): Timed =>
            typeof entry === 'object' && entry !== null
              ? one(entry as Words, outer)
              : { values: {}, misread: 'a reading must be an object' }
        )
        return { records }
      }
    })
  ],
  measures: Object.keys(quantities) as Quantity[],
  examples: [
    {
      name: 'quantities by their names',
      says: { temperature_celsius: 21.5, humidity_percent: 40, smoke_alarm: false },
      means: { temperature_celsius: 21.5, humidity_percent: 40, smoke_alarm: 0 }
    },
    { name: 'every quantity we have', says: everyQuantity, means: everyQuantity },
    {
      name: 'one reading with its time',
      says: { quantity: 'people_count', value: 42, at: '2026-11-24T15:59:30+08:00' },
      means: { people_count: 42 },
      at: Date.UTC(2026, 10, 24, 7, 59, 30)
    },
    {
      name: 'several, told late, in three kinds of time',
      says: {
        readings: [
          { quantity: 'temperature_celsius', value: 20, at: 1795507140 },
          { quantity: 'temperature_celsius', value: 21, time: 1795507141000 },
          { temperature_celsius: 22, at: 1795507142000000000 }
        ]
      },
      means: {
        records: [
          { values: { temperature_celsius: 20 }, at: 1_795_507_140_000 },
          { values: { temperature_celsius: 21 }, at: 1_795_507_141_000 },
          { values: { temperature_celsius: 22 }, at: 1_795_507_142_000 }
        ]
      }
    },
    { name: 'words of another language', says: { temp: 21.5 }, means: { nothing: 'no quantity in it that we know' } },
    {
      name: 'a flag where a number belongs',
      says: { temperature_celsius: true },
      means: unreadable('temperature_celsius 应为数字', 'temperature_celsius must be a number')
    },
    {
      name: 'half an alarm',
      says: { smoke_alarm: 0.5 },
      means: unreadable('smoke_alarm 应为 true 或 false、1 或 0', 'smoke_alarm is true or false, 1 or 0')
    },
    {
      name: 'a broken thermometer beside the smoke',
      says: { temperature_celsius: 'err', smoke_alarm: true },
      means: { values: { smoke_alarm: 1 }, ...misread('temperature_celsius 应为数字', 'temperature_celsius must be a number') }
    },
    {
      name: 'a value that is a word',
      says: { temperature_celsius: 'warm' },
      means: unreadable('temperature_celsius 应为数字', 'temperature_celsius must be a number')
    }
  ],
  simulate: { every_s: 5, says: between => ({ payload: { temperature_celsius: between(20, 24), humidity_percent: between(40, 55) } }) },
  commands: {
    lamp: {
      tell: ({ state }) => ({ topic: corner, payload: { lamp: state } }),
      answers,
      examples: [{ name: 'somebody comes', order: { state: 'blink' }, topic: corner, says: { lamp: 'blink' } }]
    },
    tone: {
      tell: ({ state, for_s }) => ({ topic: corner, payload: { tone: state, ...(for_s !== undefined && { for_s }) } }),
      answers,
      examples: [{ name: 'a short tone', order: { state: 'on', for_s: 1 }, topic: corner, says: { tone: 'on', for_s: 1 } }]
    },
    siren: {
      tell: ({ state, for_s }) => ({ topic: corner, payload: { on: state !== 'off', ...(for_s !== undefined && { for_s }) } }),
      answers,
      examples: [{ name: 'half a minute', order: { state: 'on', for_s: 30 }, topic: corner, says: { on: true, for_s: 30 } }]
    },
    sign: {
      tell: ({ state, text }) => ({
        topic: corner,
        payload: state === 'off' ? { text: '', text_en: '' } : { text: text?.['zh-CN'] ?? '', text_en: text?.en ?? '' }
      }),
      answers,
      examples: [
        {
          name: 'a way',
          order: { state: 'on', text: { 'zh-CN': '请走A口', en: 'use exit A' } },
          topic: corner,
          says: { text: '请走A口', text_en: 'use exit A' }
        },
        { name: 'empty', order: { state: 'off' }, topic: corner, says: { text: '', text_en: '' } }
      ]
    },
    speech: {
      tell: ({ state, text }) => ({
        topic: corner,
        payload: state === 'off' ? { say: '', say_en: '' } : { say: text?.['zh-CN'] ?? '', say_en: text?.en ?? '' }
      }),
      answers,
      examples: [
        {
          name: 'words',
          order: { state: 'on', text: { 'zh-CN': '请有序离开', en: 'please leave calmly' } },
          topic: corner,
          says: { say: '请有序离开', say_en: 'please leave calmly' }
        }
      ]
    }
  }
})
