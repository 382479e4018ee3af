import { defineDevice, message, Type } from './device.ts'

/** Its topic is the base topic (`zigbee2mqtt`); the devices behind it have `via` and no credential of their own. */
export default defineDevice({
  vendor: 'Koenkk',
  model: 'Zigbee2MQTT bridge',
  label: { 'zh-CN': 'Zigbee2MQTT 网桥', en: 'Zigbee2MQTT bridge' },
  bridge: true,
  // It subscribes to everything below its base topic by itself, so nothing narrower would let it start.
  topics: topic => ({ publish: [`${topic}/#`], subscribe: [`${topic}/#`] }),
  messages: [
    message({
      on: ['{topic}/bridge/state'],
      text: true,
      payload: Type.Union([Type.String(), Type.Object({ state: Type.String() })]),
      decode: said => {
        const state = typeof said === 'string' ? said : said.state
        return state === 'online' || state === 'offline' ? { online: state === 'online' } : { unreadable: 'a bridge is online or offline' }
      }
    }),
    { on: ['{topic}/bridge/#'], ignore: 'the bridge speaks of itself' }
  ],
  measures: [],
  examples: [
    {
      name: 'the bridge has started',
      topic: '{topic}/bridge/state',
      says: 'online',
      source: 'Koenkk/zigbee2mqtt.io docs/guide/usage/mqtt_topics_and_messages.md @0014d923b972',
      means: { online: true }
    },
    {
      name: 'the bridge is gone, as newer ones say it',
      topic: '{topic}/bridge/state',
      says: { state: 'offline' },
      means: { online: false }
    },
    {
      name: 'a device joined',
      topic: '{topic}/bridge/event',
      says: { type: 'device_joined', data: { friendly_name: '0x90fd9ffffe6494fc', ieee_address: '0x90fd9ffffe6494fc' } },
      source: 'Koenkk/zigbee2mqtt.io docs/guide/usage/mqtt_topics_and_messages.md @0014d923b972',
      means: { nothing: 'the bridge speaks of itself' }
    }
  ]
})
