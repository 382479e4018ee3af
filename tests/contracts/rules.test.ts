import t from 'tap'
import type { Unsure } from '../../edge/domain/count-gate.ts'
import type { MotionLevel } from '../../edge/domain/crowd-motion.ts'
import { type Course, foresee, hearDensity, type Outlook } from '../../edge/domain/forecast.ts'
import { judge, type SeriesMemory } from '../../edge/domain/quality.ts'
import type { Rule, RuleExample, Sight } from '../../edge/domain/rules/rule.ts'
import type { CameraState, Quantity } from '../../edge/domain/vocabulary.ts'
import { densityLimits, levelOf, type ZoneNow } from '../../edge/domain/zone.ts'
import { loadFolder } from '../../edge/load.ts'
import { seconds } from '../support/clock.ts'

/** What every early-warning rule owes us: its own examples, told as seconds and values, come true. */
const rules = await loadFolder<Rule>(new URL('../../edge/domain/rules/', import.meta.url), ['rule'])

/** What a zone said before: some rules look at what is to come of it. */
type Past = { course?: Course; level?: ZoneNow['level']; since?: number; series?: SeriesMemory }
const zone = (use: ZoneNow['use'], density: number, at: number, outlook?: Outlook): ZoneNow => ({
  id: 'example',
  name: 'example',
  use,
  area_m2: 100,
  capacity: 100,
  inside: density,
  people_count: density * 100,
  people_count_error: 0,
  density_per_m2: density,
  density_error_per_m2: 0,
  limits_per_m2: densityLimits[use],
  level: levelOf(densityLimits[use], density),
  since: at,
  age_seconds: 0,
  sources: [],
  ...(outlook && { outlook })
})

const sight = (
  rule: Rule,
  { use = 'platform', quantity = 'people_count' }: RuleExample,
  value: RuleExample['says'][number],
  at: number,
  past: Past
): Sight => {
  if (value === null) return { at }
  if (typeof value === 'object') {
    const [[of, said] = ['people_count' as const, 0]] = Object.entries(value) as [Quantity, number][]
    if (of !== 'density_per_m2') return { at, reading: { device: of, zone: 'example', quantity: of, value: said, at, quality: 'good' } }
    const seen = zone(use, said, at)
    if (past.level !== seen.level) Object.assign(past, { level: seen.level, since: at })
    return { at, zone: { ...seen, since: past.since ?? at } }
  }
  // A series that is ten at this hour, give or take five; twenty off is as odd as it ever was.
  if (rule.per === 'oddity') {
    const odd = { value: value as number, usual: 10, low: 5, high: 15, score: Math.abs((value as number) - 10) / 20, learnt_days: 8 }
    return { at, oddity: { device: 'example', zone: 'example', quantity: 'flow_per_min', at, timezone: 'Asia/Shanghai', ...odd } }
  }
  if (rule.per === 'camera') return { at, camera: { id: 'cam-1', zone: 'example', state: value as CameraState } }
  if (rule.per === 'zone' && typeof value === 'string')
    return { at, zone: { ...zone(use, 0, at), level: 'unknown', unsure: value as Unsure } }
  if (typeof value === 'string') return { at, report: { zone: 'example', kind: rule.per === 'place' ? 'other' : 'crowd', text: value } }
  if (rule.per === 'zone' && quantity === 'motion_level')
    return { at, zone: { ...zone(use, 4, at), motion: { motion_level: value as MotionLevel, flow: [] } } }
  if (rule.per === 'zone') {
    past.course = hearDensity(past.course, at, value)
    return { at, zone: zone(use, value, at, foresee(past.course, densityLimits[use].slice(1))) }
  }
  const heard = judge(past.series, { device: 'example', zone: 'example', quantity, value, at, quality: 'good' }, at)
  past.series = heard.memory
  return 'repeated' in heard ? { at } : { at, reading: heard.reading }
}

for (const [name, rule] of rules) {
  t.test(`rule ${name} carries an ordinary and an awkward example`, async t => t.ok(rule.examples.length >= 2))

  for (const example of rule.examples) {
    t.test(`rule ${name}: ${example.name}`, async t => {
      const happened: Record<number, string> = {}
      let memory = rule.start
      const past: Past = {}
      for (const [second, value] of Object.entries(example.says)) {
        const step = rule.step(memory, sight(rule, example, value, seconds(Number(second)), past), rule.settings)
        memory = step.memory
        if (step.verdict) happened[Number(second)] = step.verdict.raised ? step.verdict.severity : 'cleared'
      }
      t.strictSame(happened, example.expect)
    })
  }

  t.test(`rule ${name} asks to be woken for what time alone brings`, async t => {
    for (const example of rule.examples.filter(({ says, expect }) => Object.keys(expect).some(second => says[Number(second)] === null))) {
      t.ok(rule.nextDue, 'it has a nextDue')
      let memory = rule.start
      const past: Past = {}
      for (const [second, value] of Object.entries(example.says)) {
        const due = rule.nextDue?.(memory, rule.settings)
        if (example.expect[Number(second)] !== undefined && value === null) t.equal(due, seconds(Number(second)), `due at second ${second}`)
        memory = rule.step(memory, sight(rule, example, value, seconds(Number(second)), past), rule.settings).memory
      }
    }
  })

  t.test(`rule ${name} goes on after a restart without raising again what is already open`, async t => {
    for (const example of rule.examples) {
      const first = Object.entries(example.expect).find(([, what]) => what !== 'cleared')
      if (first === undefined) continue
      const [second, severity] = first
      const at = seconds(Number(second))
      const value = example.says[Number(second)] ?? null
      const resumed = rule.resume(severity as never, at, example.quantity, rule.settings)
      const { verdict } = rule.step(resumed, sight(rule, example, rule.per === 'device' ? null : value, at, {}), rule.settings)
      t.equal(verdict, undefined, example.name)
    }
  })
}
