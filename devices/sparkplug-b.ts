import { type Quantity, quantities } from '../edge/domain/vocabulary.ts'
import { unreadable } from './common/payload.ts'
import { openSession, type Verb } from './common/sparkplug.ts'
import { askRebirth, encode, type Metrics } from './common/sparkplug-codec.ts'
import { everyQuantity } from './common/values.ts'
import { binary, defineDevice, example_now, type Way } from './device.ts'

const metric = (name: string, type: 'Float' | 'Double' | 'Boolean' | 'Int16' | 'UInt32' | 'UInt64', value: number | boolean) => ({
  name,
  type,
  value: value as number
})
const said = (seq: number, ...metrics: Metrics): Uint8Array => encode({ timestamp: example_now, seq, metrics })
const node = (verb: 'NBIRTH' | 'NDATA' | 'NDEATH' | 'NCMD'): string => `spBv1.0/{first}/${verb}/{rest}`
const device = (verb: 'DBIRTH' | 'DDATA' | 'DDEATH' | 'DCMD', name: string): string => `spBv1.0/{first}/${verb}/{rest}/${name}`

const born = { topic: node('NBIRTH'), says: said(0, metric('bdSeq', 'UInt64', 0), metric('Node Control/Rebirth', 'Boolean', false)) }
const cam = {
  topic: device('DBIRTH', 'cam1'),
  says: said(1, { ...metric('crowd/density', 'Float', 1.5), alias: 7 }, { ...metric('Door/Open', 'Boolean', false), alias: 8 })
}

/**
 * A node is enrolled with the topic `group/node` and is the bridge of its devices, `group/node/device`, which have this profile too:
 * one credential, one session, one count of messages for all of them.
 */
export default defineDevice({
  vendor: 'Eclipse',
  model: 'Sparkplug B',
  label: { 'zh-CN': 'Sparkplug B 节点及其设备', en: 'Sparkplug B node and its devices' },
  bridge: true,
  topics: () => ({
    publish: [node('NBIRTH'), node('NDATA'), node('NDEATH'), device('DBIRTH', '+'), device('DDATA', '+'), device('DDEATH', '+')],
    subscribe: [node('NCMD'), device('DCMD', '+')]
  }),
  // A node that has been given a primary host keeps silent until that host is on line: the station is one, by its own id.
  awaits: (station, timestamp) => [
    { topic: `spBv1.0/STATE/${station}`, payload: JSON.stringify({ online: true, timestamp }) },
    // As it was before version 3 of the convention.
    { topic: `STATE/${station}`, payload: 'ONLINE' }
  ],
  messages: () => {
    const session = openSession()
    const way = (verb: Verb, on: string): Way =>
      binary([on], (payload, { topic, now }) => {
        const [, group, , hub, one] = topic.split('/')
        const told = session.hear(verb, one ?? '', payload)
        const heard = one === undefined ? told.said : { behind: [{ topic: `${group}/${hub}/${one}`, said: told.said }] }
        return told.rebirth ? { said: heard, reply: { topic: `spBv1.0/${group}/NCMD/${hub}`, payload: askRebirth(now) } } : heard
      })
    return [
      way('NBIRTH', node('NBIRTH')),
      way('NDATA', node('NDATA')),
      way('NDEATH', node('NDEATH')),
      way('DBIRTH', device('DBIRTH', '+')),
      way('DDATA', device('DDATA', '+')),
      way('DDEATH', device('DDEATH', '+'))
    ]
  },
  measures: Object.keys(quantities) as Quantity[],
  examples: [
    {
      name: 'a node is born',
      topic: node('NBIRTH'),
      source: 'made with the reference encoder sparkplug-payload 1.0.3',
      says: Buffer.from('CN78jJvGMBILCgViZFNlcSAIWAASGgoUTm9kZSBDb250cm9sL1JlYmlydGggC3AAGAA=', 'base64'),
      means: { nothing: 'no quantity in it that we know' }
    },
    {
      name: 'a node with a sensor of its own, in Fahrenheit, and its own heat apart',
      topic: node('NBIRTH'),
      says: said(
        0,
        { ...metric('Room/Temp', 'Double', 68), properties: { engUnit: { type: 'String', value: '°F' } } },
        metric('cpu/temperature', 'Int16', 61)
      ),
      means: { records: [{ values: { temperature_celsius: 20 } }, { values: { device_temperature_celsius: 61 } }] }
    },
    {
      name: 'a device is born behind it, with numbers for its metrics',
      after: [born],
      ...cam,
      means: {
        behind: [{ topic: '{topic}/cam1', said: { records: [{ values: { density_per_m2: 1.5 } }, { values: { contact_open: 0 } }] } }]
      }
    },
    {
      name: 'the device says its numbers alone',
      after: [born, cam],
      topic: device('DDATA', 'cam1'),
      says: said(2, { alias: 7, type: 'Float', value: 3.25 }, { alias: 8, type: 'Boolean', value: true }),
      means: {
        behind: [{ topic: '{topic}/cam1', said: { records: [{ values: { density_per_m2: 3.25 } }, { values: { contact_open: 1 } }] } }]
      }
    },
    {
      name: 'one room is clear, in the other there is smoke still: only the change was told',
      after: [
        born,
        { topic: device('DBIRTH', 'fire'), says: said(1, metric('Room 1/Smoke', 'Boolean', true), metric('Room 2/Smoke', 'Boolean', true)) }
      ],
      topic: device('DDATA', 'fire'),
      says: said(2, metric('Room 2/Smoke', 'Boolean', false)),
      means: { behind: [{ topic: '{topic}/fire', said: { smoke_alarm: 1 } }] }
    },
    {
      name: 'nor does a name that was never announced end it',
      after: [born, { topic: device('DBIRTH', 'fire'), says: said(1, metric('Room 1/Smoke', 'Boolean', true)) }],
      topic: device('DDATA', 'fire'),
      says: said(2, metric('Room 2/Smoke', 'Boolean', false)),
      means: { behind: [{ topic: '{topic}/fire', said: { smoke_alarm: 1 } }] }
    },
    {
      name: 'a message is missing: what came is understood, and the node is asked to be born again',
      after: [born, cam],
      topic: device('DDATA', 'cam1'),
      says: said(4, { alias: 8, type: 'Boolean', value: true }),
      means: { behind: [{ topic: '{topic}/cam1', said: { records: [{ values: { contact_open: 1 } }] } }] },
      answer: node('NCMD')
    },
    {
      name: 'a number nobody announced: the station was started after the node',
      topic: device('DDATA', 'cam1'),
      says: said(9, { alias: 7, type: 'Float', value: 3.25 }),
      means: { behind: [{ topic: '{topic}/cam1', said: { nothing: 'no quantity in it that we know' } }] },
      answer: node('NCMD')
    },
    {
      name: 'names and types are understood without a birth',
      topic: device('DDATA', 'hall'),
      says: said(9, metric('people/count', 'UInt32', 42), metric('Smoke', 'Boolean', true), metric('count', 'UInt32', 7)),
      means: {
        behind: [{ topic: '{topic}/hall', said: { records: [{ values: { people_count: 42 } }, { values: { smoke_alarm: 1 } }] } }]
      },
      answer: node('NCMD')
    },
    {
      name: 'told late with its time, told without a value, told late without a time',
      topic: node('NBIRTH'),
      says: encode({
        seq: 0,
        metrics: [
          { ...metric('temperature', 'Float', 21.5), isHistorical: true, timestamp: example_now - 3_600_000 },
          { name: 'smoke', type: 'Boolean', value: null },
          { ...metric('crowd/density', 'Float', 2), isHistorical: true }
        ]
      }),
      means: { records: [{ values: { temperature_celsius: 21.5 }, at: example_now - 3_600_000 }] }
    },
    {
      name: 'every quantity by our own name',
      topic: node('NBIRTH'),
      says: said(0, ...Object.keys(quantities).map(name => metric(name, 'Double', 1))),
      means: everyQuantity
    },
    {
      name: 'a device dies',
      after: [born, cam],
      topic: device('DDEATH', 'cam1'),
      says: said(2),
      means: { behind: [{ topic: '{topic}/cam1', said: { online: false } }] }
    },
    {
      name: 'the node’s last will',
      after: [born],
      topic: node('NDEATH'),
      says: encode({ metrics: [metric('bdSeq', 'UInt64', 0)] }),
      means: { online: false }
    },
    {
      name: 'the last will of an earlier session, come late',
      after: [born],
      topic: node('NDEATH'),
      says: encode({ metrics: [metric('bdSeq', 'UInt64', 7)] }),
      means: { nothing: 'the death of an earlier session' }
    },
    {
      name: 'JSON where protobuf belongs',
      topic: node('NDATA'),
      says: { timestamp: 1, metrics: [] },
      means: unreadable('内容不是 Sparkplug B 的 protobuf', 'the payload is no Sparkplug B protobuf')
    }
  ],
  simulate: {
    every_s: 20,
    says: (between, now) => ({
      topic: node('NBIRTH'),
      payload: encode({
        timestamp: now,
        seq: 0,
        metrics: [metric('bdSeq', 'UInt64', 0), metric('temperature', 'Double', between(19, 23))]
      })
    })
  }
})
