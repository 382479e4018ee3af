/** A text sign on the station's own broker: shows the gravest call that stands, and is empty when nothing does. */
import { Type } from 'typebox'
import { defineChannel } from './channel.ts'
import { deviceSettings, payload } from './common/device-settings.ts'
import { openStanding } from './common/standing.ts'

const usual = { show: { text: '{text}', text_en: '{text_en}' }, clear: { text: '', text_en: '' } }

export default defineChannel({
  label: { 'zh-CN': '信息屏', en: 'Text sign' },
  says: {
    'zh-CN': '经本站 MQTT 在已登记的信息屏上显示；{text} 换成中文标题，{text_en} 换成英文标题，也可写固定的话。',
    en: 'Shows the call on an enrolled sign over the station’s MQTT; {text} becomes the title in Chinese, {text_en} in English; fixed words are possible.'
  },
  settings: Type.Object(
    {
      ...deviceSettings(600),
      show: Type.Optional(payload('What makes it show something, in place of what its profile says', usual.show)),
      clear: Type.Optional(payload('What empties it', usual.clear))
    },
    { additionalProperties: false }
  ),
  public: 'sign',
  reach: 'station',
  proves: 'delivered',
  open: ({ device, topic = `devices/${device}/command`, for_s, show, clear }, means) =>
    openStanding(means, {
      device,
      for_s,
      show: ({ title }) => {
        if (show === undefined && means.order(device, { kind: 'sign', state: 'on', text: title, for_s })) return
        means.publish(topic, JSON.stringify(filled(show ?? usual.show, { text: title['zh-CN'], text_en: title.en })))
      },
      clear: () => {
        if (clear !== undefined || !means.order(device, { kind: 'sign', state: 'off' }))
          means.publish(topic, JSON.stringify(clear ?? usual.clear))
      }
    })
})

/** Filled in value by value: a name of a zone with a quotation mark in it stays a name. */
const filled = (template: unknown, words: Readonly<Record<string, string>>): unknown => {
  if (typeof template === 'string') return template.replace(/\{(text|text_en)\}/g, (_, name: string) => words[name] ?? '')
  if (Array.isArray(template)) return template.map(one => filled(one, words))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, filled(value, words)]))
}
