import t from 'tap'
import { runCard, unitsFor } from '../../edge/domain/dispatch.ts'
import type { Unit } from '../../edge/domain/roster.ts'
import type { Rule } from '../../edge/domain/rules/rule.ts'
import type { Sop } from '../../edge/domain/sops/sop.ts'
import type { Template } from '../../edge/domain/templates/template.ts'
import { agencies, type IncidentKind, isAgency, locales, uses } from '../../edge/domain/vocabulary.ts'
import { loadFolder } from '../../edge/load.ts'

const templates = await loadFolder<Template>(new URL('../../edge/domain/templates/', import.meta.url), ['template'])
const sops = await loadFolder<Sop>(new URL('../../edge/domain/sops/', import.meta.url), ['sop'])
const rules = await loadFolder<Rule>(new URL('../../edge/domain/rules/', import.meta.url), ['rule'])

for (const [name, template] of templates) {
  t.test(`template ${name} names only what exists, in both languages`, async t => {
    for (const locale of locales) t.ok(template.label[locale])
    for (const agency of template.agencies) t.ok(isAgency(agency), agency)
    for (const use of template.uses) t.ok(Object.hasOwn(uses, use), use)
    for (const card of template.cards) {
      t.ok(sops.has(card.sop), `sop ${card.sop}`)
      for (const agency of card.agencies) t.ok(template.agencies.includes(agency), `${agency} shares this duty`)
    }
    for (const [rule, settings] of Object.entries(template.rules)) {
      t.ok(rules.has(rule), `rule ${rule}`)
      for (const key of Object.keys(settings)) t.ok(Object.hasOwn(rules.get(rule)?.settings as object, key), `${rule} has ${key}`)
    }
  })

  t.test(`template ${name} has somebody to ask for every danger, and a ladder that ends at the city`, async t => {
    const dangers: readonly IncidentKind[] = ['crowd', 'fire', 'gas', 'panic', 'water', 'other']
    for (const kind of dangers) {
      const card = runCard(template.cards, kind, 'red')
      t.ok(card && card.agencies.length > 0, kind)
      const { rungs } = card?.ladder ?? template.ladder
      t.equal(rungs[0]?.ask, 'on_duty')
      t.equal(rungs.at(-1)?.ask, 'city')
      for (const { within_s } of rungs) t.ok(within_s >= 15 && within_s <= 300, 'rungs are seconds, not minutes')
    }
  })

  t.test(`template ${name}: when an agency has nobody on duty, everyone of it is asked`, async t => {
    const asleep: readonly Unit[] = template.agencies.map(agency => ({
      id: agency,
      name: agency,
      agency,
      members: [],
      zones: [],
      commands: false,
      shifts: [{ from: '08:00', to: '08:00' }]
    }))
    const asked = unitsFor('on_duty', template.agencies, 'zone', { units: asleep, at: Date.UTC(2026, 0, 1), timezone: 'Asia/Shanghai' })
    t.strictSame(asked.map(({ agency }) => agency).sort(), [...template.agencies].sort())
  })
}

for (const [name, sop] of sops) {
  t.test(`sop ${name} says who does what by when, in both languages`, async t => {
    t.ok(sop.steps.length > 0)
    for (const locale of locales) t.ok(sop.label[locale])
    for (const step of sop.steps) {
      t.ok(Object.hasOwn(agencies, step.agency), step.agency)
      t.ok(step.within_s > 0)
      for (const locale of locales) t.ok(step.what[locale], `${step.id} in ${locale}`)
    }
    t.equal(new Set(sop.steps.map(step => step.id)).size, sop.steps.length, 'ids are unique')
  })
}
