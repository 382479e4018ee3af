/** A siren, a strobe or a sign on the station's own broker: on when people are called, off when its time or the incident is over. */
import { Type } from 'typebox'
import { defineChannel } from './channel.ts'

const Payload = (title: string, of: object) => Type.Record(Type.String(), Type.Unknown(), { title, default: of })

export default defineChannel({
  label: { 'zh-CN': '警号、警灯、信息屏', en: 'Siren, strobe or sign' },
  says: {
    'zh-CN': '经本站 MQTT 控制已登记的设备；{text} 会换成要显示的话。',
    en: 'Commands an enrolled device over the station’s MQTT; {text} becomes what is to be shown.'
  },
  settings: Type.Object(
    {
      device: Type.String({ title: 'Device', minLength: 1, maxLength: 64, examples: ['siren-1'] }),
      on: Payload('What switches it on', { on: true, text: '{text}' }),
      off: Payload('What switches it off', { on: false }),
      for_s: Type.Integer({ title: 'Off again after, seconds', default: 30, minimum: 1, maximum: 3600 })
    },
    { additionalProperties: false }
  ),
  reach: 'station',
  proves: 'delivered',
  open: ({ device, on, off, for_s }, { clock, publish, isOnline, station }) => {
    let cancel: (() => void) | undefined
    const say = (what: object, text = ''): void =>
      publish(`devices/${device}/command`, JSON.stringify(what).replaceAll('{text}', JSON.stringify(text).slice(1, -1)))
    const quiet = (): void => {
      cancel?.()
      cancel = undefined
      say(off)
    }
    return {
      send: async ({ occasion, title }) => {
        if (!isOnline(device)) return { failed: `${device} is not online`, retry: true }
        if (occasion === 'over') {
          quiet()
          return { receipt: 'delivered' }
        }
        cancel?.()
        say(on, title[station.locale])
        cancel = clock.wake(clock.now() + for_s * 1000, quiet)
        return { receipt: 'delivered' }
      },
      close: () => {
        if (cancel !== undefined) quiet()
      }
    }
  }
})
