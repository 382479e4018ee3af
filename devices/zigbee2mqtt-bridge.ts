import { type Announced, inOrder } from '../edge/domain/announced.ts'
import { quote } from './common/payload.ts'
import { isOwnTopic } from './common/topic.ts'
import { defineDevice, message, Type } from './device.ts'
import { quantityOf } from './zigbee2mqtt.ts'

const Maybe = <Of extends Parameters<typeof Type.Union>[0][number]>(of: Of) => Type.Optional(Type.Union([of, Type.Null()]))
const Expose = Type.Object({
  property: Maybe(Type.String()),
  name: Maybe(Type.String()),
  features: Maybe(Type.Array(Type.Object({ property: Maybe(Type.String()), name: Maybe(Type.String()) })))
})
/** One entry of the list that the bridge keeps of its network. */
const Listed = Type.Object({
  ieee_address: Type.String({ minLength: 1, maxLength: 64 }),
  friendly_name: Type.String({ minLength: 1, maxLength: 120 }),
  type: Maybe(Type.String()),
  disabled: Maybe(Type.Boolean()),
  software_build_id: Maybe(Type.String()),
  definition: Maybe(
    Type.Object({
      vendor: Maybe(Type.String()),
      model: Maybe(Type.String()),
      description: Maybe(Type.String()),
      exposes: Maybe(Type.Array(Expose))
    })
  )
})
type Listed = Type.Static<typeof Listed>

const announced = (base: string, { ieee_address, friendly_name, definition, software_build_id }: Listed): readonly Announced[] => {
  const topic = `${base}/${friendly_name}`
  if (!isOwnTopic(topic)) return []
  const exposed = (definition?.exposes ?? []).flatMap(one => [one, ...(one.features ?? [])])
  const gives = inOrder(exposed.flatMap(({ property, name }) => quantityOf(property ?? name ?? '') ?? []))
  const model = [definition?.model, definition?.description].filter(word => word).join(' ')
  return [
    {
      key: ieee_address,
      name: quote(friendly_name, 80),
      ...(definition?.vendor && { maker: quote(definition.vendor, 80) }),
      ...(model !== '' && { model: quote(model, 80) }),
      ...(software_build_id && { firmware: quote(software_build_id, 80) }),
      gives,
      left_out: [],
      speaks: { profile: 'zigbee2mqtt', topic },
      entities: [],
      presence: [],
      presence_mode: 'latest'
    }
  ]
}

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
    message({
      on: ['{topic}/bridge/devices'],
      payload: Type.Array(Listed, { maxItems: 500 }),
      // A network of sixty devices is longer than any device's own word.
      most_bytes: 256 * 1024,
      decode: (said, { topic }) => ({
        announces: said
          .filter(({ type, disabled }) => type !== 'Coordinator' && disabled !== true)
          .flatMap(one => announced(topic.slice(0, -'/bridge/devices'.length), one))
      })
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
      name: 'the list of its network: the coordinator is no device of ours',
      topic: '{topic}/bridge/devices',
      says: [
        { ieee_address: '0x00124b0018e28f1c', type: 'Coordinator', friendly_name: 'Coordinator', supported: true, definition: null },
        {
          ieee_address: '0x00158d0001e06cb3',
          type: 'EndDevice',
          friendly_name: 'smoke-b3',
          supported: true,
          disabled: false,
          software_build_id: '3000-0001',
          definition: {
            model: 'JTYJ-GD-01LM/BW',
            vendor: 'Xiaomi',
            description: 'MiJia smoke detector',
            exposes: [
              { type: 'binary', name: 'smoke', property: 'smoke', access: 1, value_on: true, value_off: false },
              { type: 'numeric', name: 'battery', property: 'battery', unit: '%', access: 1 }
            ]
          }
        }
      ],
      means: {
        announces: [
          {
            key: '0x00158d0001e06cb3',
            name: 'smoke-b3',
            maker: 'Xiaomi',
            model: 'JTYJ-GD-01LM/BW MiJia smoke detector',
            firmware: '3000-0001',
            gives: ['battery_percent', 'smoke_alarm'],
            left_out: [],
            speaks: { profile: 'zigbee2mqtt', topic: '{topic}/smoke-b3' },
            entities: [],
            presence: [],
            presence_mode: 'latest'
          }
        ]
      }
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
