import { type Decoded, defineDevice, message, Type } from './device.ts'
import { isWords } from './homeassistant/abbreviations.ts'
import { announcedBy } from './homeassistant/config.ts'

const prefix = 'homeassistant'
/** Where configurations may stand. An ESPHome node has an account of its own and announces what it likes below its own name. */
const components = [
  ...['sensor', 'binary_sensor', 'event', 'device_automation', 'device'],
  ...['alarm_control_panel', 'button', 'climate', 'cover', 'fan', 'image', 'light', 'lock', 'number', 'select', 'siren', 'switch', 'text'],
  ...['update', 'valve']
]

/** `…/<component>/<object>/config`, with the name of a node before the object or not. */
const configured = (topic: string): { component: string; object: string } | undefined => {
  const levels = topic.split('/').slice(0, -1)
  const at = levels.findIndex((level, i) => i > 0 && components.includes(level))
  const object = levels.slice(at + 1).join('/')
  return at < 0 || object === '' ? undefined : { component: levels[at] ?? '', object }
}

const config = {
  payload: Type.Union([Type.Object({}), Type.Literal('')]),
  empty: true as const,
  decode: (said: unknown, { topic }: { readonly topic: string }): Decoded => {
    const about = configured(topic)
    if (about === undefined) return { nothing: 'a kind of thing that gives no readings' }
    return isWords(said) ? announcedBy(about.component, about.object, said) : { announces: [] }
  }
}

/**
 * A gateway that announces its devices (topic `homeassistant`: everything below it), or one ESPHome node (topic: its name, which is
 * its topic_prefix). What it announces waits for a person [decision 0028]; the topics it announces are opened to it with the approval.
 */
export default defineDevice({
  vendor: 'Home Assistant',
  model: 'MQTT discovery',
  label: { 'zh-CN': 'Home Assistant / ESPHome 自动发现', en: 'Home Assistant / ESPHome discovery' },
  bridge: true,
  topics: topic => {
    const own = [`${topic}/#`, ...(topic === prefix ? [] : components.map(component => `${prefix}/${component}/${topic}/#`))]
    return { publish: own, subscribe: own }
  },
  messages: [
    message({
      on: ['{topic}/+/+/config', '{topic}/+/+/+/config', ...components.map(one => `${prefix}/${one}/{topic}/+/config`)],
      ...config
    }),
    // A device as a whole has no level of its own for the object.
    message({ on: [`${prefix}/device/{topic}/config`], ...config }),
    { on: ['{topic}/debug'], ignore: 'ESPHome’s log' }
  ],
  measures: [],
  examples: [
    {
      name: 'a sensor, as the documentation of Home Assistant has it',
      source: 'home-assistant.io, MQTT integration, discovery examples',
      topic: '{topic}/sensor/sensorBedroomT/config',
      says: {
        device_class: 'temperature',
        state_topic: 'homeassistant/sensor/sensorBedroom/state',
        unit_of_measurement: '°C',
        value_template: '{{ value_json.temperature}}',
        unique_id: 'temp01ae',
        device: { identifiers: ['bedroom01ae'], name: 'Bedroom', manufacturer: 'Example sensors Ltd.', model: 'Example Sensor' }
      },
      means: {
        announces: [
          {
            key: 'bedroom01ae',
            name: 'Bedroom',
            maker: 'Example sensors Ltd.',
            model: 'Example Sensor',
            gives: ['temperature_celsius'],
            left_out: [],
            entities: [
              {
                key: 'sensor/sensorBedroomT',
                name: 'sensorBedroomT',
                quantity: 'temperature_celsius',
                topic: 'homeassistant/sensor/sensorBedroom/state',
                path: ['temperature'],
                reads: 'number',
                times: 1,
                plus: 0
              }
            ],
            presence: [],
            presence_mode: 'latest'
          }
        ]
      }
    },
    {
      name: 'a node of ESPHome, which writes short',
      topic: 'homeassistant/binary_sensor/{topic}/smoke/config',
      says: {
        '~': 'stall-7',
        name: '烟感',
        dev_cla: 'smoke',
        stat_t: '~/binary_sensor/smoke/state',
        avty_t: '~/status',
        exp_aft: 120,
        uniq_id: 'ESPbinary_sensorsmoke',
        dev: { ids: '30aea4f0c1d2', name: 'stall-7', sw: 'esphome v2025.11.0', mdl: 'esp32dev', mf: 'Espressif', sa: '小吃街' }
      },
      means: {
        announces: [
          {
            key: '30aea4f0c1d2',
            name: 'stall-7',
            maker: 'Espressif',
            model: 'esp32dev',
            area: '小吃街',
            firmware: 'esphome v2025.11.0',
            gives: ['smoke_alarm'],
            left_out: [],
            entities: [
              {
                key: 'binary_sensor/{topic}/smoke',
                name: '烟感',
                quantity: 'smoke_alarm',
                topic: 'stall-7/binary_sensor/smoke/state',
                path: [],
                reads: 'flag',
                on: 'ON',
                off: 'OFF'
              }
            ],
            presence: [{ topic: 'stall-7/status', path: [], up: 'online', down: 'offline' }],
            presence_mode: 'latest',
            expires_s: 120
          }
        ]
      }
    },
    {
      name: 'a template that computes is left out, with a sentence; what is beside it is taken',
      topic: '{topic}/device/stove-2/config',
      says: {
        dev: { ids: ['stove-2'], name: 'Stove 2' },
        o: { name: 'gateway' },
        stat_t: 'gw/stove-2',
        cmps: {
          heat: { p: 'sensor', dev_cla: 'temperature', unit_of_meas: '°F', val_tpl: "{{ value_json['t'] }}" },
          gas: { p: 'binary_sensor', name: 'Gas', dev_cla: 'gas', val_tpl: '{{ value_json.g > 10 }}' }
        }
      },
      means: {
        announces: [
          {
            key: 'stove-2',
            name: 'Stove 2',
            gives: ['temperature_celsius'],
            left_out: [
              'Gas: value_template 只认 {{ value }}、{{ value_json.a.b }} 和 {{ value_json["a"] }}，不执行其他模板 · of value_template only {{ value }}, {{ value_json.a.b }} and {{ value_json["a"] }} are understood; nothing else is run'
            ],
            entities: [
              {
                key: 'sensor/stove-2/heat',
                name: 'stove-2/heat',
                quantity: 'temperature_celsius',
                topic: 'gw/stove-2',
                path: ['t'],
                reads: 'number',
                times: 1 / 1.8,
                plus: -32 / 1.8
              }
            ],
            presence: [],
            presence_mode: 'latest'
          }
        ]
      }
    },
    { name: 'nothing at all takes back what was said', topic: '{topic}/binary_sensor/garden/config', says: '', means: { announces: [] } },
    {
      name: 'a configuration that is no object',
      topic: '{topic}/sensor/x/config',
      says: '[]',
      means: { unreadable: 'it must be object' }
    }
  ]
})
