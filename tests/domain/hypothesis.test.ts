/** What many weak signs of one danger say together: more never says less, the order does not matter, one source has its cap, time only fades. */
import fc from 'fast-check'
import t from 'tap'
import {
  type Evidence,
  fadedAt,
  heard,
  least_points,
  most_evidence,
  most_of_one_source,
  pointsAt,
  type Sign,
  signs
} from '../../edge/domain/evidence.ts'
import { type Hypothesis, type Memory, together } from '../../edge/domain/hypothesis.ts'
import { likeness, spokenIn } from '../../edge/domain/report-words.ts'
import crowd from '../../edge/domain/rules/joint-crowd.ts'
import hazard from '../../edge/domain/rules/joint-hazard.ts'
import type { Sight } from '../../edge/domain/rules/rule.ts'
import { rank, type Severity } from '../../edge/domain/vocabulary.ts'
import { minutes, seconds } from '../support/clock.ts'

const at = Date.UTC(2026, 0, 1)
const says = (device: string, quantity: NonNullable<Sight['reading']>['quantity'], value: number, later = 0): Sight => ({
  at: at + later,
  reading: { device, zone: 'food-row', quantity, value, at: at + later, quality: 'good' }
})
const reports = (id: string, text: string, later = 0): Sight => ({
  at: at + later,
  report: { zone: 'food-row', kind: 'other', text, id, by: id }
})

/** All that was told in the order it came: the gravest verdict, the newest table, the memory at the end. */
const played = (sights: readonly Sight[], rule: typeof hazard = hazard) => {
  let memory: Memory = rule.start
  let raised: Severity | undefined
  let table: Hypothesis | undefined
  for (const sight of sights) {
    const step = rule.step(memory, sight, rule.settings)
    memory = step.memory
    table = step.weighed ?? table
    if (step.verdict?.raised === true) raised = step.verdict.severity
  }
  return { memory, raised, table }
}
const points = ({ memory }: { memory: Memory }, now: number): number => {
  const bySource = new Map<string, number>()
  for (const one of memory.evidence)
    bySource.set(one.source, Math.min(most_of_one_source, (bySource.get(one.source) ?? 0) + pointsAt(one, now)))
  return [...bySource.values()].reduce((sum, one) => sum + one, 0)
}

const anySight = fc
  .tuple(
    fc.constantFrom<readonly ['reading' | 'report', string, number]>(
      ['reading', 'gas_lel_percent', 30],
      ['reading', 'carbon_monoxide_ppm', 400],
      ['reading', 'smoke_alarm', 1],
      ['report', '有煤气味', 0],
      ['report', '冒烟了', 0],
      ['report', '着火了', 0]
    ),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 1800 })
  )
  .map(
    ([[what, name, max], share, who, second]): Sight =>
      what === 'report'
        ? reports(`r-${who}-${second}`, name, seconds(second))
        : says(`d-${who}`, name as 'gas_lel_percent', max === 1 ? Math.round(share) : share * max, seconds(second))
  )
const inOrder = (all: readonly Sight[]): readonly Sight[] => [...all].sort((a, b) => a.at - b.at)
/** What it is worth at one later moment, however it came. */
const later = at + seconds(1800)

t.test('a flood of readings that add nothing is not weighed again, unless time or what is raised beside it asks for it', async t => {
  const own = { key: 'threshold:d-1', kind: 'fire', severity: 'orange' } as const
  const beside = (sight: Sight, ...standing: NonNullable<Sight['place']>['standing'][number][]): Sight => ({
    ...sight,
    place: { standing, settled: {} }
  })
  const { memory, raised } = played([beside(says('d-1', 'smoke_alarm', 1), own), beside(reports('r-1', '有煤气味', 1), own)])
  t.equal(raised, undefined, 'the detector says as much')
  const quiet = (ms: number): Sight => says('t-1', 'gas_lel_percent', 0, ms)
  const step = (sight: Sight) => hazard.step(memory, sight, hazard.settings)
  t.equal(step(beside(quiet(500), own)).memory, memory, 'nothing was worked out')
  t.not(step(beside(quiet(1100), own)).memory, memory, 'a second later all of it')
  t.match(step(quiet(500)).verdict, { raised: true }, 'the detector was reset: what is known is said at once')
})

t.test('more evidence never says less', async () => {
  fc.assert(
    fc.property(fc.array(anySight, { maxLength: 15 }), anySight, (all, more) => {
      const [without, with_more] = [played(inOrder(all)), played(inOrder([...all, more]))]
      return points(with_more, later) >= points(without, later) - 1e-6
    })
  )
})

t.test('the order in which evidence comes does not matter, within its decay', async () => {
  fc.assert(
    fc.property(fc.array(anySight, { maxLength: 12 }), fc.array(anySight, { maxLength: 12 }), (some, others) => {
      const dated = ([...some, ...others] as Sight[]).map(one => ({ ...one, report: one.report && { ...one.report, at: one.at } }) as Sight)
      // All are heard at one later moment, each with the time it is of.
      const [one, other] = [dated, [...dated].reverse()].map(all => played(all.map(sight => ({ ...sight, at: later }))))
      return Math.abs(points(one as never, later) - points(other as never, later)) < 1e-6
    })
  )
})

t.test('one source alone is never more than likely, whatever it says and however often', async () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.constantFrom('gas_lel_percent', 'smoke_alarm', 'carbon_monoxide_ppm', 'temperature_celsius'),
          fc.integer({ min: 0, max: 100 })
        ),
        { maxLength: 30 }
      ),
      words => {
        const { raised, table, memory } = played(
          words.map(([quantity, value], i) => says('all-in-one', quantity as 'smoke_alarm', value, seconds(i)))
        )
        return raised === undefined && table?.grade !== 'confirmed' && points({ memory }, at) <= most_of_one_source
      }
    )
  )
})

t.test('time only fades: what nobody repeats is worth less at every later moment, and is listed no more when it has gone', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(signs) as Sign[])),
      fc.integer({ min: 4, max: 60 }),
      fc.integer({ min: 1, max: 40_000 }),
      (sign, worth, s) => {
        const one: Evidence = { sign, source: 'x', points: worth, at }
        const gone = fadedAt(one)
        return pointsAt(one, at + seconds(s)) < pointsAt(one, at + seconds(s - 1)) && Math.abs(pointsAt(one, gone) - least_points) < 1e-6
      }
    )
  )
  const half = signs.report_gas.half_life_s
  t.equal(pointsAt({ sign: 'report_gas', points: 40, at }, at + seconds(half)), 20)
})

t.test('a source that repeats itself is as fresh as its last word and adds nothing', async t => {
  const once = heard([], { sign: 'gas_lel_percent', source: 'gas-7', points: 30, at }, at)
  const again = heard(once, { sign: 'gas_lel_percent', source: 'gas-7', points: 30, at: at + minutes(10) }, at + minutes(10))
  t.equal(again.length, 1)
  t.equal(pointsAt(again[0] as Evidence, at + minutes(10)), 30)
  const less = heard(again, { sign: 'gas_lel_percent', source: 'gas-7', points: 5, at: at + minutes(11) }, at + minutes(11))
  t.strictSame(less, again, 'that it is less now does not take back what was')
})

t.test('a flood of evidence keeps what says most', async t => {
  const all = Array.from({ length: most_evidence + 20 }, (_, i) => i).reduce<readonly Evidence[]>(
    (known, i) => heard(known, { sign: 'report_gas', source: `r-${i}`, points: 4 + i, at }, at),
    []
  )
  t.equal(all.length, most_evidence)
  t.equal(Math.min(...all.map(({ points }) => points)), 24)
})

t.test(
  'gas at 6 %LEL, a room that warms and one person who smells gas are a likely leak before any limit; any two of them are not',
  async t => {
    const gas = says('gas-7', 'gas_lel_percent', 6, minutes(2))
    const warm = [says('t-7', 'temperature_celsius', 21), says('t-7', 'temperature_celsius', 26, minutes(3))]
    const nose = reports('r-1', '有煤气味', minutes(3))
    const all = played(inOrder([gas, ...warm, nose]))
    t.match(all, { raised: 'orange', table: { kind: 'gas', grade: 'likely' } })
    t.strictSame(
      all.table?.evidence.map(({ source, sign }) => [source, sign]),
      [
        ['r-1', 'report_gas'],
        ['gas-7', 'gas_lel_percent'],
        ['t-7', 'temperature_rising']
      ]
    )
    for (const two of [
      [gas, ...warm],
      [gas, nose],
      [...warm, nose]
    ])
      t.ok(rank(played(inOrder(two)).raised ?? 'unknown') < rank('orange'))
  }
)

t.test('it says nothing while an alarm of a detector there says as much, and speaks when it knows more', async t => {
  const alarm = { standing: [{ key: 'threshold:gas-7', kind: 'gas' as const, severity: 'orange' as const }], settled: {} }
  const first = hazard.step(hazard.start, { ...says('gas-7', 'gas_lel_percent', 12), place: alarm }, hazard.settings)
  const second = hazard.step(first.memory, { ...reports('r-1', '有煤气味'), place: alarm }, hazard.settings)
  t.equal(second.verdict, undefined, 'both together are orange, and orange it is already')
  const third = hazard.step(second.memory, { ...reports('r-2', '烟很大，着火了'), place: alarm }, hazard.settings)
  t.match(third.verdict, { raised: true, severity: 'red' })
})

t.test('what was known before people closed it counts no more', async t => {
  const { memory } = played([reports('r-1', '有煤气味'), reports('r-2', '煤气味很重', minutes(1))])
  const place = { standing: [], settled: { gas: at + minutes(5) } }
  const after = hazard.step(memory, { ...says('gas-7', 'gas_lel_percent', 6, minutes(6)), place }, hazard.settings)
  t.strictSame(
    after.memory.evidence.map(({ source }) => source),
    ['gas-7']
  )
})

t.test('what is beside the place counts half, and says where it is', async t => {
  const { memory } = hazard.step(hazard.start, { ...says('smoke-9', 'smoke_alarm', 1), beside: 'stalls-b' }, hazard.settings)
  t.match(memory.evidence, [{ source: 'smoke-9', points: 30, zone: 'stalls-b' }])
})

t.test('doubted readings count half, impossible ones nothing', async t => {
  const suspect = (doubt: 'device_clock' | 'implausible_value'): Sight => {
    const sight = says('gas-7', 'gas_lel_percent', 6)
    return { ...sight, reading: { ...(sight.reading as NonNullable<Sight['reading']>), quality: 'suspect', doubt } }
  }
  t.equal(played([suspect('device_clock')]).memory.evidence[0]?.points, 9)
  t.equal(played([suspect('implausible_value')]).memory.evidence.length, 0)
})

t.test('the same words sent twice by the same person are one report; another person’s are another', async t => {
  const twice = [reports('r-1', '美食街有煤气味'), { ...reports('r-2', '美食街有煤气味！', seconds(20)) }]
  const by = (name: string): readonly Sight[] =>
    twice.map(one => ({
      ...one,
      report: { ...(one.report as never as { zone: string; kind: string; text: string; id: string }), by: name }
    }))
  t.equal(played(by('wang')).memory.evidence.length, 1)
  t.equal(played(twice).memory.evidence.length, 2)
})

t.test('a table begins with the second piece of evidence, and that of two incidents that are one holds the evidence of both', async t => {
  t.equal(played([reports('r-1', '被压在墙边')], crowd as never).table, undefined, 'of one alone the alarm says all')
  const { table } = played([reports('r-1', '被压在墙边'), reports('r-2', '这里挤得走不动')], crowd as never)
  t.match(table, { kind: 'crowd', grade: 'likely', needs: ['medical'] })
  const other = played([says('gas-7', 'gas_lel_percent', 12), says('gas-8', 'gas_lel_percent', 5)]).table
  const one = together(table, other, at)
  t.strictSame([one?.evidence.length, one?.points, one?.needs], [4, 65, ['medical']])
  t.equal(together(undefined, other, at), other)
})

t.test('a report speaks of what its words say, also in other words than the list’s, and not of what it denies', async t => {
  const spoken = (text: string, kind = 'other'): string[] => spokenIn(text, kind).map(({ sign }) => sign)
  for (const [text, what] of [
    ['有煤气味', ['report_gas']],
    ['闻到煤气的味道', ['report_gas']],
    ['There is a smell of gas', ['report_gas']],
    ['烟很大，烧烤摊着火了', ['report_fire']],
    ['老人摔倒了起不来', ['report_collapse']],
    ['两个人打起来了', ['report_fight']],
    ['有人倒下，喘不过气', ['report_pressed', 'report_collapse']],
    ['没有着火，是灯光', []],
    ['no smoke here', []],
    ['不是很挤', []],
    ['自行车被偷了', []]
  ] as const)
    t.strictSame(spoken(text), what, text)
  t.strictSame(spoken('快来人', 'fire'), ['report_fire'], 'the heading counts when the words say nothing')
  t.strictSame(spoken('没有着火', 'fire'), [], 'and not when they deny it')
  t.equal(likeness('', ''), 0)
  t.equal(likeness('煤气味道', '煤气味道'), 1)
  t.notMatch(JSON.stringify(spokenIn('王小明闻到煤气的味道', 'other')), '王小明', 'no text of a report travels on')
})
