import { claimedTime } from './common/time.ts'
import { flag } from './common/values.ts'
import { defineDevice, message, type Said, Type } from './device.ts'

const docs = 'blakeblackshear/frigate docs/docs/integrations/mqtt.md @006569391f37'
const max_zones = 50
const place = /^[\w-]{1,64}$/
const of = (said: Said, ...places: readonly string[]) => ({ behind: places.map(one => ({ topic: `{topic}/${one}`, said })) })

const Count = Type.Integer({ minimum: 0, maximum: 100_000 })
const Places = Type.Optional(Type.Array(Type.String(), { maxItems: max_zones }))

/**
 * Frigate is enrolled with its topic prefix and is the bridge of its cameras and zones, `frigate/<camera or zone>`, which have this profile
 * too. Of what it says, how many people are where is taken, and nothing else has a way in: no name, no plate, no picture, no track.
 */
export default defineDevice({
  vendor: 'Frigate',
  model: 'Frigate NVR',
  label: { 'zh-CN': 'Frigate 及其摄像头和区域', en: 'Frigate with its cameras and zones' },
  bridge: true,
  topics: topic => ({ publish: [`${topic}/#`], subscribe: [`${topic}/#`] }),
  messages: [
    message({
      on: ['{topic}/available'],
      text: true,
      payload: Type.Union([Type.Literal('online'), Type.Literal('offline')]),
      decode: said => ({ online: said === 'online' })
    }),
    message({
      on: ['{topic}/+/person'],
      payload: Count,
      decode: (people, { topic }) => ({
        behind: [{ topic: topic.replace(/\/person$/, ''), said: { people_count: people, occupancy: flag(people > 0) } }]
      })
    }),
    message({
      on: ['{topic}/+/status/detect'],
      text: true,
      payload: Type.Union([Type.Literal('online'), Type.Literal('offline'), Type.Literal('disabled')]),
      decode: (said, { topic }) => ({ behind: [{ topic: topic.replace(/\/status\/detect$/, ''), said: { online: said === 'online' } }] })
    }),
    message({
      on: ['{topic}/events'],
      // The fields are all that is ever looked at: what else an event holds (who it may be, where it went) is not in this list.
      payload: Type.Object({
        type: Type.String(),
        after: Type.Object({
          camera: Type.String(),
          label: Type.String(),
          frame_time: Type.Optional(Type.Number()),
          false_positive: Type.Optional(Type.Boolean()),
          current_zones: Places
        })
      }),
      decode: ({ type, after: { camera, label, frame_time, false_positive, current_zones = [] } }, { topic }) => {
        if (label !== 'person' || false_positive === true) return { nothing: 'an event of no person' }
        if (type === 'end') return { nothing: 'somebody was lost from sight; the counts say who is left' }
        const prefix = topic.replace(/\/events$/, '')
        const said = { values: { occupancy: 1 }, at: claimedTime(frame_time) }
        const places = [...new Set([camera, ...current_zones])].filter(one => place.test(one))
        return { behind: places.map(one => ({ topic: `${prefix}/${one}`, said })) }
      }
    }),
    { on: ['{topic}/#'], ignore: 'pictures, names, tracks and Frigate itself: not looked into' }
  ],
  measures: ['people_count', 'occupancy'],
  examples: [
    {
      name: 'three people before a camera, or in a zone of that name',
      topic: '{topic}/front_door/person',
      says: '3',
      source: docs,
      means: of({ people_count: 3, occupancy: 1 }, 'front_door')
    },
    { name: 'nobody is left', topic: '{topic}/front_door/person', says: '0', means: of({ people_count: 0, occupancy: 0 }, 'front_door') },
    {
      name: 'a person is followed through two zones; only that somebody is there is taken',
      topic: '{topic}/events',
      source: `${docs}, its time moved to this year, a recognised name added`,
      says: {
        type: 'update',
        after: {
          id: '1607123955.475377-mxklsc',
          camera: 'front_door',
          frame_time: 1795507190.5,
          label: 'person',
          sub_label: ['Zhang San', 0.93],
          score: 0.87890625,
          false_positive: false,
          box: [432, 496, 544, 854],
          current_zones: ['yard', 'driveway'],
          entered_zones: ['yard', 'driveway']
        }
      },
      means: of({ values: { occupancy: 1 }, at: 1_795_507_190_500 }, 'front_door', 'yard', 'driveway')
    },
    {
      name: 'a car',
      topic: '{topic}/events',
      says: { type: 'new', after: { camera: 'gate', label: 'car', recognized_license_plate: '京A12345' } },
      means: { nothing: 'an event of no person' }
    },
    {
      name: 'lost from sight',
      topic: '{topic}/events',
      says: { type: 'end', after: { camera: 'gate', label: 'person', end_time: 1795507190.5 } },
      means: { nothing: 'somebody was lost from sight; the counts say who is left' }
    },
    { name: 'Frigate has started', topic: '{topic}/available', source: docs, says: 'online', means: { online: true } },
    { name: 'Frigate has stopped', topic: '{topic}/available', says: 'offline', means: { online: false } },
    {
      name: 'a camera gives no pictures',
      topic: '{topic}/front_door/status/detect',
      says: 'offline',
      means: of({ online: false }, 'front_door')
    },
    {
      name: 'a recognised face is not looked at',
      topic: '{topic}/tracked_object_update',
      says: { type: 'face', name: 'Zhang San', score: 0.95 },
      means: { nothing: 'pictures, names, tracks and Frigate itself: not looked into' }
    },
    {
      name: 'a picture is not looked at',
      topic: '{topic}/front_door/person/snapshot',
      says: Uint8Array.of(0xff, 0xd8, 0xff, 0xe0),
      means: { nothing: 'pictures, names, tracks and Frigate itself: not looked into' }
    },
    { name: 'a count that is a word', topic: '{topic}/front_door/person', says: '"3"', means: { unreadable: 'it must be integer' } }
  ]
})
