import fc from 'fast-check'
import t from 'tap'
import { type Alert, evolveAlert } from '../../edge/domain/alert.ts'
import { type Group, groupsOf } from '../../edge/domain/alert-groups.ts'
import { type Board, type Memory, nextDueOfBoard, nothingShown, stepBoard } from '../../edge/domain/annunciator.ts'
import { calmAt, cameAgain, holds, isTold, noPenalty } from '../../edge/domain/flap-damping.ts'
import { common_cause } from '../../edge/domain/suppression.ts'
import { type IncidentKind, type Severity, severities } from '../../edge/domain/vocabulary.ts'

let made = 0
const alert = (kind: IncidentKind, zone: string, severity: Severity, at = 0, more: Partial<Alert> = {}): Alert => ({
  ...evolveAlert(undefined, {
    type: 'alert_raised',
    id: `a-${made}`,
    at,
    key: `k-${made++}`,
    rule: 'threshold',
    kind,
    zone,
    severity,
    because: { say: 'works_again', with: {} }
  }),
  ...more
})
const many = (n: number, make: (i: number) => Alert): Alert[] => Array.from({ length: n }, (_, i) => make(i))
const minute = 60_000
const titles = ({ lines }: Board): string[] => lines.map(({ id, severity, groups }) => `${id} ${severity} ${sum(groups)}`)
const sum = (groups: readonly Group[]): number => groups.reduce((all, { members }) => all + members.length, 0)
const first = (open: readonly Alert[], now = 0, memory = nothingShown) => stepBoard(memory, groupsOf(open), now)

t.test('one danger in one place is one line with a count', async t => {
  const { board } = first([...many(40, () => alert('fire', 'row', 'red')), alert('gas', 'row', 'orange'), alert('water', 'hall', 'yellow')])
  t.strictSame(titles(board), ['place:row:hazard red 41', 'place:hall:water yellow 1'])
  t.equal(board.called.length, 2)
})

t.test('a thousand red alarms in thirty places are one line above all that names them, and a press stands above that', async t => {
  const { board, memory } = first([
    ...many(1000, i => alert('fire', `z-${i % 30}`, 'red')),
    alert('panic', 'exit-b', 'red'),
    alert('crowd', 'hall', 'orange')
  ])
  t.strictSame(titles(board), ['pressed:exit-b red 1', 'wall red 1000', 'place:hall:crowd orange 1'])
  t.equal(board.lines[1]?.groups.length, 30)
  const more = first([...many(1000, i => alert('fire', `z-${i % 40}`, 'red')), alert('panic', 'exit-b', 'red', 5)], 5, memory)
  t.strictSame(more.board.called, ['pressed:exit-b'], 'a second press is called out again, a wall that grows is not')
})

t.test('what is neither red nor pressed is called out five times in ten minutes; the rest is one line, counted and listed', async t => {
  const kinds: readonly IncidentKind[] = ['crowd', 'water', 'heat', 'capacity', 'device', 'camera', 'dispute', 'other']
  const open = kinds.flatMap(kind => many(3, i => alert(kind, `z-${i}`, kind === 'dispute' ? 'orange' : 'blue')))
  const { board, memory } = first(open)
  t.equal(board.called.length, 6)
  t.equal(board.lines.at(-1)?.by, 'held')
  t.equal(sum(board.lines.flatMap(({ groups }) => groups)), open.length, 'nothing is missing')
  t.same(
    board.lines.slice(0, 3).map(({ severity }) => severity),
    ['orange', 'orange', 'orange'],
    'the gravest came out first'
  )
  t.equal(nextDueOfBoard(memory, board), 10 * minute)
  const later = first(open, 10 * minute, memory)
  t.equal(later.board.held, board.held - 5, 'and others come out when there is room again')
  t.equal(later.board.called.length, 6)
})

t.test('one danger in more than three places is one line, and stays one while it shrinks', async t => {
  const four = many(4, i => alert('water', `z-${i}`, 'yellow'))
  const { board, memory } = first(four)
  t.strictSame(titles(board), ['kind:water yellow 4'])
  t.strictSame(titles(first(four.slice(0, 2), 1, memory).board), ['kind:water yellow 2'])
})

t.test('red that comes again under a line that still stands is called out again, and by its own colour only once', async t => {
  const left = alert('gas', 'row', 'yellow')
  const fire = (at: number): Alert => alert('fire', 'row', 'red', at)
  const steps: readonly (readonly [open: Alert[], called: boolean])[] = [
    [[left], true],
    [[left, fire(1)], true],
    [[left, fire(1), fire(2)], false],
    [[left], false],
    [[left, alert('gas', 'row', 'orange')], false],
    [[left, fire(5)], true],
    [[left, fire(5), fire(6)], false]
  ]
  let memory = nothingShown
  for (const [i, [open, called]] of steps.entries()) {
    const step = first(open, i, memory)
    memory = step.memory
    t.equal(step.board.called.length > 0, called, `step ${i}`)
  }
})

t.test('a cause and what is explained by it are one line, whatever it has taken along', async t => {
  const mains = alert('outage', 'plant', 'orange', 0, { device: 'ups-1', id: 'mains' })
  const inferred = alert('outage', 'hall', 'orange', 5, { device: 'ups-1', rule: common_cause.rule })
  const sensors = many(40, () => alert('device', 'hall', 'yellow', 1, { suppressed: { cause: 'mains', at: 1 } }))
  const bridge = alert('device', 'row', 'yellow', 1, { device: 'bridge', id: 'bridge' })
  const lamp = alert('device', 'row', 'yellow', 1, { suppressed: { cause: 'bridge', at: 1 } })
  const { board } = first([mains, inferred, ...sensors, bridge, lamp])
  t.strictSame(titles(board), ['cause:ups-1 orange 42', 'cause:bridge yellow 2'])
  t.equal(board.lines[0]?.groups[0]?.head.id, 'mains', 'the reading speaks for what was only inferred')
})

t.test('an exercise has its own ten: it never holds back what is real', async t => {
  const exercise = (['crowd', 'water', 'heat', 'device', 'camera', 'other'] as const).map(kind =>
    alert(kind, 'z', 'yellow', 0, { drill: true })
  )
  const groups = groupsOf([...exercise, alert('crowd', 'z', 'yellow')])
  t.equal(stepBoard(nothingShown, groups, 0).board.held, 0)
  t.equal(stepBoard(nothingShown, groups, 0, true).board.held, 1)
})

t.test('what comes thrice in a minute is held, and believed again after it has kept still', async t => {
  let penalty = noPenalty(0)
  for (const at of [0, 20_000, 40_000]) penalty = cameAgain(penalty, at)
  t.ok(holds(penalty, 40_000))
  t.notOk(holds(cameAgain(cameAgain(noPenalty(0), 0), 10_000), 10_000), 'twice is nothing')
  let slow = noPenalty(0)
  for (let at = 0; at < 20; at++) slow = cameAgain(slow, at * 15 * minute)
  t.notOk(holds(slow, 19 * 15 * minute), 'four times an hour is no flapping')
  t.ok(calmAt(penalty) > 8 * minute && calmAt(penalty) < 11 * minute, `believed again after ${Math.round(calmAt(penalty) / minute)} min`)
  for (let n = 0; n < 10_000; n++) penalty = cameAgain(penalty, 40_000 + n)
  t.ok(calmAt(penalty) < 17 * minute, 'and never later than a quarter of an hour')
  t.strictSame(
    Array.from({ length: 120 }, (_, i) => i).filter(n => n > 0 && isTold(n)),
    [1, 3, 10, 30, 100]
  )
})

/** Anything may happen to alerts but that somebody looks at them: they come, grow worse, end, stand behind others and come back. */
type Move = {
  readonly after_ms: number
  readonly what: 'raise' | 'worsen' | 'clear' | 'explain' | 'back'
  readonly n: number
  readonly kind: IncidentKind
  readonly zone: number
  readonly severity: Severity
}
const kinds: readonly IncidentKind[] = ['crowd', 'fire', 'gas', 'water', 'device', 'camera', 'outage', 'heat', 'other']
const move: fc.Arbitrary<Move> = fc.record({
  after_ms: fc.constantFrom(0, 1, 500, 6000, minute, 5 * minute),
  what: fc.constantFrom('raise', 'raise', 'raise', 'worsen', 'clear', 'explain', 'back'),
  n: fc.nat(),
  kind: fc.constantFrom(...kinds),
  zone: fc.nat(11),
  severity: fc.constantFrom(...severities)
})
const moved = (open: readonly Alert[], { what, n, kind, zone, severity }: Move, now: number): readonly Alert[] => {
  const one = open[n % Math.max(1, open.length)]
  if (what === 'raise' || one === undefined) return [...open, alert(kind, `z-${zone}`, severity, now)]
  const other = open[(n + 1) % open.length]
  const change = (more: Partial<Alert>): readonly Alert[] => open.map(was => (was === one ? { ...was, ...more } : was))
  if (what === 'worsen') return change({ severity: 'red', highest: 'red', active: true })
  if (what === 'clear') return change({ active: false })
  if (what === 'explain' && other !== undefined && one.severity !== 'red') return change({ suppressed: { cause: other.id, at: now } })
  const { suppressed: _, ...back } = one
  return open.map(was => (was === one ? back : was))
}

t.test(
  'whatever bursts while nobody answers: at most ten lines called out in ten minutes, each alert under exactly one, nothing red held',
  async () => {
    fc.assert(
      fc.property(fc.array(move, { minLength: 1, maxLength: 120 }), moves => {
        let [open, memory, now]: [readonly Alert[], Memory, number] = [[], nothingShown, 0]
        const calls: number[] = []
        for (const one of moves) {
          now += one.after_ms
          open = moved(open, one, now)
          const { board, memory: next } = first(open, now, memory)
          memory = next
          calls.push(...board.called.map(() => now))
          const listed = [...board.lines.flatMap(({ groups }) => groups), ...board.aside].flatMap(({ members }) => members)
          if (listed.length !== open.length || new Set(listed).size !== open.length) return false
          if (
            board.lines.some(
              ({ by, groups }) =>
                by === 'held' && groups.some(({ members }) => members.some(({ severity, suppressed }) => severity === 'red' && !suppressed))
            )
          )
            return false
          if (calls.filter(at => now - at < 10 * minute).length > 10) return false
        }
        return true
      }),
      { numRuns: 400 }
    )
  }
)

t.test('a press is called out in the very step, whatever else is there', async () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 80 }), moves => {
      let [open, memory, now]: [readonly Alert[], Memory, number] = [[], nothingShown, 0]
      for (const one of moves) {
        now += one.after_ms
        open = moved(open, one, now)
        memory = first(open, now, memory).memory
      }
      const { board } = first([...open, alert('panic', 'exit-b', 'red', now + 1)], now + 1, memory)
      return board.called.includes('pressed:exit-b') && board.lines[0]?.id === 'pressed:exit-b'
    }),
    { numRuns: 200 }
  )
})
