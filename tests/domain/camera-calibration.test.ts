import t from 'tap'
import {
  type CalibrationEvent,
  type CameraGround,
  decideGround,
  decideScale,
  decideUndo,
  evolveCalibration,
  outlinesOf,
  stillsFor,
  untaught
} from '../../edge/domain/camera-calibration.ts'
import type { GroundPoint } from '../../edge/domain/ground.ts'
import { pointsOf, syntheticCamera } from '../support/synthetic-camera.ts'

const camera = syntheticCamera()
const points: readonly GroundPoint[] = pointsOf(camera, [
  [-2, 5],
  [2, 5],
  [2, 9],
  [-2, 9]
])
const square = [
  [-2, 5],
  [2, 5],
  [2, 9],
  [-2, 9]
] as const
const good: CameraGround = {
  picture: { width: camera.width, height: camera.height },
  ground: points,
  masks: [
    [
      [0, 0],
      [50, 0],
      [50, 40]
    ]
  ],
  zones: [{ zone: 'platform-1', outline: square }]
}
const folded = (events: readonly CalibrationEvent[]) => events.reduce(evolveCalibration, untaught)
const said = (decided: ReturnType<typeof decideGround>): readonly CalibrationEvent[] => {
  if ('refused' in decided) throw new Error(decided.refused)
  return decided.events
}

for (const [what, change, refused] of [
  ['three points', { ground: points.slice(0, 3) }, 'ground_not_fixed'],
  ['one point four times', { ground: [0, 0, 0, 0].map(() => points[0] as GroundPoint) }, 'ground_not_fixed'],
  ['an outline and no ground to lay it on', { ground: [] }, 'outline_without_ground'],
  [
    'an outline that crosses itself',
    { zones: [{ zone: 'z', outline: [square[0], square[2], square[1], square[3]] }] },
    'outline_crosses_itself'
  ],
  [
    'a mask of two points',
    {
      masks: [
        [
          [0, 0],
          [9, 9]
        ]
      ]
    },
    'outline_crosses_itself'
  ],
  [
    'a zone of a hand’s breadth',
    { zones: [{ zone: 'z', outline: square.map(([x, y]) => [x / 10, y / 10] as const) }] },
    'outline_too_small'
  ]
] as const)
  t.test(`${what} is refused`, async t => t.strictSame(decideGround({ ...good, ...change }, 'li', 'cam-1', 1), { refused }))

t.test('masks alone need no ground', async t => {
  t.equal(said(decideGround({ ...good, ground: [], zones: [] }, 'li', 'cam-1', 1)).length, 1)
})

t.test('each step can be taken back, at last to what the file says', async t => {
  const first = said(decideGround(good, 'li', 'cam-1', 1))
  const second = said(decideGround({ ...good, masks: [] }, 'wang', 'cam-1', 2))
  const both = folded([...first, ...second])
  t.strictSame([both.grounds.at(-1)?.by, both.grounds.at(-1)?.masks], ['wang', []])
  const undone = [...first, ...second, ...said(decideUndo(both, 'ground', 'li', 'cam-1', 3))]
  t.strictSame(folded(undone).grounds.at(-1), folded(first).grounds.at(-1))
  const nothing = folded([...undone, ...said(decideUndo(folded(undone), 'ground', 'li', 'cam-1', 4))])
  t.strictSame(nothing, untaught)
  t.strictSame(decideUndo(nothing, 'ground', 'li', 'cam-1', 5), { refused: 'nothing_to_undo' })
})

t.test('the outline of a zone that two cameras drew is that of the later one', async t => {
  const [one, other] = [
    folded(said(decideGround(good, 'li', 'cam-1', 5))),
    folded(said(decideGround({ ...good, zones: [{ zone: 'platform-1', outline: square.slice(0, 3) }] }, 'li', 'cam-2', 9)))
  ]
  for (const order of [
    [one, other],
    [other, one]
  ])
    t.equal(outlinesOf(order).get('platform-1')?.length, 3)
})

t.test('stills add up for the same weights; other weights begin anew and hear nothing of the old ones', async t => {
  const counted = (model: string, heads: number) => ({ model, stills: [{ estimate: 10, heads }] })
  const one = folded(said(decideScale(untaught, counted('a', 11), 'li', 'cam-1', 1)))
  const two = folded([
    ...said(decideScale(untaught, counted('a', 11), 'li', 'cam-1', 1)),
    ...said(decideScale(one, counted('a', 12), 'li', 'cam-1', 2))
  ])
  t.strictSame(
    stillsFor(two.scales.at(-1), 'a').map(({ heads }) => heads),
    [11, 12]
  )
  t.strictSame(stillsFor(two.scales.at(-1), 'b'), [])
  t.strictSame(said(decideScale(two, counted('b', 13), 'li', 'cam-1', 3)), [
    { type: 'camera_scaled', id: 'cam-1', at: 3, by: 'li', ...counted('b', 13) }
  ])
  t.strictSame(decideScale(two, { model: 'a', stills: [] }, 'li', 'cam-1', 4), { refused: 'nothing_counted' })
})
