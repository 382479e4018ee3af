/** A siren or a strobe on the station's own broker: on when people are called, off when its time or the incident is over. */
import { Type } from 'typebox'
import { defineChannel } from './channel.ts'
import { deviceSettings, payload } from './common/device-settings.ts'
import { openStanding } from './common/standing.ts'

export default defineChannel({
  label: { 'zh-CN': '警号、警灯', en: 'Siren or strobe' },
  says: {
    'zh-CN': '经本站 MQTT 开关已登记的警号或警灯，不需要互联网；设备自己能限时的，请在“打开”里写明时长。',
    en: 'Switches an enrolled siren or strobe over the station’s MQTT, without internet; where it can end by itself, say so in what switches it on.'
  },
  settings: Type.Object(
    {
      ...deviceSettings(30),
      on: Type.Optional(payload('What switches it on, in place of what its profile says', { on: true })),
      off: Type.Optional(payload('What switches it off', { on: false }))
    },
    { additionalProperties: false }
  ),
  public: 'siren',
  reach: 'station',
  // It is on line and was told so; that it sounds is for ears to say.
  proves: 'delivered',
  open: ({ device, topic = `devices/${device}/command`, for_s, on, off }, means) => {
    const tell = (state: 'on' | 'off', own: unknown, usual: object): void => {
      const order = { kind: 'siren', state, ...(state === 'on' && { for_s }) } as const
      if (own !== undefined || !means.order(device, order)) means.publish(topic, JSON.stringify(own ?? usual))
    }
    return openStanding(means, {
      device,
      for_s,
      show: () => tell('on', on, { on: true }),
      clear: () => tell('off', off, { on: false })
    })
  }
})
