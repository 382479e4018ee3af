/** A limit learned from history: the same rule, minute by minute, with its consequences, and never less care for a life. */
import fc from 'fast-check'
import t from 'tap'
import { atOnce, isOfLife, type Judged, proposing, replaying, type Sample, type Subject, type Tunes } from '../../edge/domain/proposal.ts'
import density from '../../edge/domain/rules/crowd-density.ts'
import type { Rule } from '../../edge/domain/rules/rule.ts'
import threshold from '../../edge/domain/rules/threshold.ts'
import type { IncidentKind, Outcome, Quantity } from '../../edge/domain/vocabulary.ts'
import type { Zone } from '../../edge/domain/zone.ts'
import { minutes } from '../support/clock.ts'

const at = Date.UTC(2026, 0, 1)
const day = minutes(24 * 60)
const kitchen: Zone = { id: 'food-row', name: '美食街', use: 'walkway', area_m2: 300 }
const subject = (quantity: Quantity): Subject => ({
  key: `threshold:t-7:${quantity}`,
  rule: 'threshold',
  zone: 'food-row',
  device: 't-7',
  quantity
})
/** `days` of one value, and another for ten minutes on each of some days at noon. */
const history = (days: number, usual: number, noon: Readonly<Record<number, number>>): readonly Sample[] =>
  Array.from({ length: days * 24 * 6 }, (_, i) => {
    const minute = i * 10
    const of_day = Math.floor(minute / 1440)
    const value = minute % 1440 === 720 || minute % 1440 === 730 ? (noon[of_day] ?? usual) : usual
    return { at: at + minutes(minute), value }
  })
const incident = (kind: IncidentKind, of_day: number, outcome: Outcome): Judged => ({
  id: `i-${of_day}`,
  kind,
  zone: 'food-row',
  opened_at: at + of_day * day + minutes(725),
  phase: 'closed',
  outcome,
  drill: false
})
const propose = (rule: Rule, of: Subject, samples: readonly Sample[], incidents: readonly Judged[] = []) =>
  atOnce(proposing(rule, rule.tunes as Tunes, rule.settings as object, of, samples, kitchen, incidents, at + 30 * day))

const cooking = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i, 46.5]))

t.test('a kitchen that is warm every noon: a higher limit that keeps the one true alarm, with what both would have raised', async t => {
  const samples = history(21, 28, { ...cooking, 20: 51 })
  const found = propose(threshold as Rule, subject('temperature_celsius'), samples, [
    incident('fire', 20, 'resolved'),
    incident('fire', 3, 'false_alarm')
  ])
  t.match(found, {
    limit_now: 45,
    now: { fired: 21, true: 1, false: 1, nothing: 19 },
    would: { fired: 1, true: 1, false: 0, nothing: 0 }
  })
  t.ok(found !== undefined && found.limit > 46.5 && found.limit <= 51, `${found?.limit}`)
  const settings = { ...(threshold.settings as object), ...found?.settings }
  t.equal(
    atOnce(replaying(threshold as Rule, settings, subject('temperature_celsius'), samples, kitchen)).length,
    1,
    'the settings are those that were tried'
  )
  t.match(
    (found?.settings as never as Record<string, object[]>).temperature_celsius?.[1],
    { kind: 'fire', above: 57 },
    'the limit for fire stays'
  )
})

t.test('no proposal loses a true alarm, and little that is saved is not worth a change', async t => {
  const samples = history(21, 28, cooking)
  const all_true = Array.from({ length: 20 }, (_, i) => incident('fire', i, 'resolved'))
  t.equal(propose(threshold as Rule, subject('temperature_celsius'), samples, all_true), undefined)
  t.equal(propose(threshold as Rule, subject('temperature_celsius'), history(21, 28, { 3: 46, 9: 47 })), undefined)
})

t.test('six days are no history', async t => {
  t.equal(propose(threshold as Rule, subject('temperature_celsius'), history(6, 28, cooking)), undefined)
  t.equal(propose(threshold as Rule, subject('temperature_celsius'), []), undefined)
})

t.test('an alarm of life is never proposed to be less sensitive, however often it was false', async t => {
  for (const quantity of ['gas_lel_percent', 'carbon_monoxide_ppm', 'smoke_obscuration_percent'] as const) {
    const limit = threshold.tunes?.limit(threshold.settings as never, quantity, kitchen)
    t.equal(limit?.most, limit?.now, quantity)
  }
  for (const quantity of ['smoke_alarm', 'gas_alarm', 'button_pressed'] as const) {
    t.equal(threshold.tunes?.limit(threshold.settings as never, quantity, kitchen), undefined, quantity)
    t.ok(isOfLife('other', quantity))
  }
  const false_gas = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i, 11]))
  const closed = Array.from({ length: 20 }, (_, i) => incident('gas', i, 'false_alarm'))
  t.equal(propose(threshold as Rule, subject('gas_lel_percent'), history(21, 1, false_gas), closed), undefined)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 40 }), fc.boolean()), { maxLength: 20 }),
      noons => {
        const samples = history(21, 1, Object.fromEntries(noons.map(([of_day, value]) => [of_day, value])))
        const incidents = noons.map(([of_day, , real]) => incident('gas', of_day, real ? 'resolved' : 'false_alarm'))
        const found = propose(threshold as Rule, subject('gas_lel_percent'), samples, incidents)
        return found === undefined || (found.limit < found.limit_now && found.would.true >= found.now.true)
      }
    ),
    { numRuns: 15 }
  )
})

t.test('it may be made more sensitive: leaks that people found under the limit would have been raised', async t => {
  const samples = history(21, 1, { 3: 8, 9: 8.5, 15: 8 })
  const found = propose(
    threshold as Rule,
    subject('gas_lel_percent'),
    samples,
    [3, 9, 15].map(of_day => incident('gas', of_day, 'resolved'))
  )
  t.match(found, { limit_now: 10, now: { fired: 0 }, would: { fired: 3, true: 3 } })
})

t.test('of a zone only yellow moves, between its blue and its orange', async t => {
  const of: Subject = { key: 'crowd-density:food-row', rule: 'crowd-density', zone: 'food-row', quantity: 'density_per_m2' }
  const samples = history(21, 0.5, Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i, 2.1])))
  const found = propose(density as never as Rule, of, samples)
  t.match(found, { limit_now: 2, now: { fired: 20 }, would: { fired: 0 } })
  t.ok(found !== undefined && found.limit > 2.1 && found.limit < 2.75)
  const settings = { ...(density.settings as object), ...found?.settings }
  const crush = history(1, 0.5, { 0: 3.6 })
  t.equal(atOnce(replaying(density as never as Rule, settings, of, crush, kitchen)).length, 1, 'red is where it was')
})
