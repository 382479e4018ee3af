import { claimedTime } from './common/time.ts'
import { flag, type Values } from './common/values.ts'
import { defineDevice, type Example, message, type Said, type Static, Type } from './device.ts'

const forms = 'topic and body as in several public repositories for Bosch cameras'
const on = (...events: readonly string[]): readonly string[] => events.map(event => `{topic}/onvif-ej/${event}/#`)

/** Items of an ONVIF event are texts in XML, and some devices say them so in JSON. */
const Flag = Type.Union([Type.Boolean(), Type.Literal('true'), Type.Literal('false'), Type.Literal('1'), Type.Literal('0')])
const Count = Type.Union([Type.Integer({ minimum: 0, maximum: 1e9 }), Type.String({ pattern: '^[0-9]{1,9}$' })])
const isTrue = (said: Static<typeof Flag>): boolean => said === true || said === 'true' || said === '1'

const Time = Type.Optional(Type.String())
const Source = Type.Optional(Type.Object({ Rule: Type.Optional(Type.String()) }))
const Counted = Type.Object({ UtcTime: Time, Source, Data: Type.Object({ Count }) })
const stateOf = <Name extends string>(name: Name) =>
  Type.Object({ UtcTime: Time, Data: Type.Object({ [name]: Flag } as Record<Name, typeof Flag>) })
const at = (values: Values, UtcTime: string | undefined): Said => ({ values, at: claimedTime(UtcTime) })

const state = <Name extends string>(events: readonly string[], name: Name, quantity: 'occupancy' | 'tamper') =>
  message({
    on: on(...events),
    payload: stateOf(name),
    decode: said => at({ [quantity]: flag(isTrue((said.Data as Record<Name, Static<typeof Flag>>)[name])) }, said.UtcTime)
  })

/** A counter that is named for the way out, by a word of its own, counts those who left; `出入口` is both ways, and left is a side. */
const out = /(?<![a-z])(exit|exits|exiting|out|outgoing|leave|leaving)(?![a-z])|(?<![进入])出(?=口|站|园)|离开|离场/i
const isOut = (rule: string): boolean => out.test(rule.replaceAll(/([a-z])([A-Z])/g, '$1 $2'))
/** Only the class of what crossed is looked at, never which one it was. */
const Crossed = Type.Object({
  UtcTime: Time,
  Data: Type.Object({
    ClassTypes: Type.Optional(Type.String()),
    Object: Type.Optional(
      Type.Object({
        Object: Type.Optional(
          Type.Object({
            Appearance: Type.Optional(
              Type.Object({
                Class: Type.Optional(
                  Type.Object({ Type: Type.Optional(Type.Union([Type.String(), Type.Object({ '#text': Type.Optional(Type.String()) })])) })
                )
              })
            )
          })
        )
      })
    )
  })
})
const classOf = ({ Data: { ClassTypes, Object: crossed } }: Static<typeof Crossed>): string | undefined => {
  const type = crossed?.Object?.Appearance?.Class?.Type
  return ClassTypes ?? (typeof type === 'string' ? type : type?.['#text'])
}

const counted = (rules: Readonly<Record<'people_left_total' | 'people_entered_total', readonly string[]>>): readonly Example[] =>
  Object.entries(rules).flatMap(([quantity, named]) =>
    named.map(Rule => ({
      name: `the counter ${Rule}`,
      topic: `{topic}/onvif-ej/RuleEngine/CountAggregation/Counter/&1/${Rule}`,
      says: { Source: { Rule }, Data: { Count: 5 } },
      means: { [quantity]: 5 }
    }))
  )

export default defineDevice({
  vendor: 'ONVIF',
  model: 'events over MQTT',
  label: { 'zh-CN': 'ONVIF 摄像头事件（MQTT）', en: 'ONVIF camera events over MQTT' },
  topics: topic => ({ publish: [`${topic}/onvif-ej/#`], subscribe: [] }),
  messages: [
    message({
      on: on('RuleEngine/CountAggregation/OccupancyCounter'),
      payload: Counted,
      decode: ({ Data, UtcTime }) => at({ people_count: Number(Data.Count) }, UtcTime)
    }),
    message({
      on: on('RuleEngine/CountAggregation/Counter'),
      payload: Counted,
      // A running count of those who crossed; which way, only the name of the rule says.
      decode: ({ Data, Source, UtcTime }) =>
        at({ [isOut(Source?.Rule ?? '') ? 'people_left_total' : 'people_entered_total']: Number(Data.Count) }, UtcTime)
    }),
    message({
      on: on('RuleEngine/LineDetector/Crossed'),
      payload: Crossed,
      decode: said => {
        const what = classOf(said)
        return what === undefined || /human|person/i.test(what) ? at({ people_entered: 1 }, said.UtcTime) : { nothing: 'no person crossed' }
      }
    }),
    state(['VideoSource/MotionAlarm'], 'State', 'occupancy'),
    state(['RuleEngine/CellMotionDetector/Motion'], 'IsMotion', 'occupancy'),
    state(['RuleEngine/FieldDetector/ObjectsInside'], 'IsInside', 'occupancy'),
    state(['RuleEngine/TamperDetector/Tamper'], 'IsTamper', 'tamper'),
    state(['VideoSource/GlobalSceneChange'], 'State', 'tamper'),
    { on: ['{topic}/onvif-ej/#'], ignore: 'an event that counts nobody; whom it may name is not looked at' }
  ],
  measures: ['people_count', 'people_entered_total', 'people_left_total', 'people_entered', 'occupancy', 'tamper'],
  examples: [
    {
      name: 'a counter of those who crossed a line',
      topic: '{topic}/onvif-ej/RuleEngine/CountAggregation/Counter/&1/Counter_1',
      source: `${forms}; its time moved to this year`,
      says: { UtcTime: '2026-11-24T07:59:00Z', Source: { VideoSource: '1', Rule: 'Counter_1' }, Data: { Count: 5 } },
      means: { values: { people_entered_total: 5 }, at: Date.UTC(2026, 10, 24, 7, 59) }
    },
    {
      name: 'the counter at the way out, its number a text as in XML',
      topic: '{topic}/onvif-ej/RuleEngine/CountAggregation/Counter/&1/Exit Counter',
      says: { Source: { VideoSource: '1', Rule: 'Exit Counter' }, Data: { Count: '17' } },
      means: { people_left_total: 17 }
    },
    ...counted({
      people_left_total: ['LineOut', 'counter_out_1', 'OUT方向', '南出站口'],
      people_entered_total: ['South', 'Route 4', 'Left door', '出入口', '进出口']
    }),
    {
      name: 'how many are inside',
      topic: '{topic}/onvif-ej/RuleEngine/CountAggregation/OccupancyCounter/&1/Occupancy',
      says: { Source: { Rule: 'Occupancy' }, Data: { Count: 42 } },
      means: { people_count: 42 }
    },
    {
      name: 'motion, told with an old time: heard at the station’s',
      topic: '{topic}/onvif-ej/VideoSource/MotionAlarm/&1',
      source: forms,
      says: { UtcTime: '2025-10-28T12:00:00Z', Source: { Source: '1' }, Data: { State: true } },
      means: { occupancy: 1 }
    },
    {
      name: 'motion has ended, said as a text',
      topic: '{topic}/onvif-ej/RuleEngine/CellMotionDetector/Motion/&1',
      says: { Data: { IsMotion: 'false' } },
      means: { occupancy: 0 }
    },
    {
      name: 'a person crossed a line; which one is not kept',
      topic: '{topic}/onvif-ej/RuleEngine/LineDetector/Crossed/&1/Crossing_line_1',
      source: forms,
      says: {
        Source: { VideoSource: '1', Rule: 'Crossing_line_1' },
        Data: { Object: { Object: { '@ObjectId': 1234, Appearance: { Class: { Type: { '@Likelihood': 0.91, '#text': 'Human' } } } } } }
      },
      means: { people_entered: 1 }
    },
    {
      name: 'a vehicle crossed it',
      topic: '{topic}/onvif-ej/RuleEngine/LineDetector/Crossed/&1/Crossing_line_1',
      says: { Data: { Object: { Object: { Appearance: { Class: { Type: 'Vehicle' } } } } } },
      means: { nothing: 'no person crossed' }
    },
    {
      name: 'somebody turned the camera away',
      topic: '{topic}/onvif-ej/VideoSource/GlobalSceneChange/&1',
      says: { Data: { State: true } },
      means: { tamper: 1 }
    },
    {
      name: 'a face is not looked at',
      topic: '{topic}/onvif-ej/RuleEngine/Recognition/Face/&1',
      says: { Data: { Name: 'Zhang San' } },
      means: { nothing: 'an event that counts nobody; whom it may name is not looked at' }
    },
    {
      name: 'a state that is none',
      topic: '{topic}/onvif-ej/VideoSource/MotionAlarm/&1',
      says: { Data: { State: 2 } },
      means: { unreadable: '/Data/State must be boolean' }
    }
  ],
  simulate: {
    every_s: 30,
    says: (between, now) => ({
      topic: '{topic}/onvif-ej/RuleEngine/CountAggregation/OccupancyCounter/&1/Occupancy',
      payload: { UtcTime: new Date(now).toISOString(), Source: { Rule: 'Occupancy' }, Data: { Count: Math.round(between(5, 40)) } }
    })
  }
})
