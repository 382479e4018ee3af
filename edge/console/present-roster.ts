/** The roster as a person reads it: names and local times instead of ids and numbers. */

import type { OpenItem, Owner } from '../domain/command-post.ts'
import { coverGaps, type Cover as DomainCover } from '../domain/cover.ts'
import type { DutyChange } from '../domain/duty-change.ts'
import { day_ms } from '../domain/local-time.ts'
import { type Power, powerOf, powers } from '../domain/powers.ts'
import { dutySpans, isQualified } from '../domain/roster.ts'
import {
  type Agency,
  agencies,
  incidentKinds,
  type Label,
  type Locale,
  levels,
  type Qualification,
  qualifications,
  roles
} from '../domain/vocabulary.ts'
import type { Desk } from '../ports.ts'
import { namesOf } from './names.ts'
import type { PowersShape, RosterShape } from './roster-shape.ts'

const kinds: Readonly<Record<DutyChange['kind'], Label>> = {
  absent: { 'zh-CN': '缺勤', en: 'absent' },
  swapped: { 'zh-CN': '换班', en: 'swapped' }
}
const words = Object.keys(qualifications) as Qualification[]

export const presentRoster = (desk: Desk, time: (at: number) => string, locale: Locale): RosterShape => {
  const roster = desk.roster()
  const { units, people, plan, timezone, covers, command, owner } = roster
  const at = desk.clock.now()
  const day = { from: at, until: at + day_ms }
  const { zoneName, unitName } = namesOf(desk)
  const incidents = new Map(desk.incidents().map(incident => [incident.id, incident]))
  const qualified = (list: readonly Qualification[]) => list.map(one => ({ qualification: one, label: qualifications[one][locale] }))

  const cover = ({ agency, zone, from, to, units, qualification }: DomainCover) => ({
    agency,
    agency_label: agencies[agency][locale],
    zone: zone ?? null,
    zone_name: zone === undefined ? null : zoneName(zone),
    from: from ?? null,
    to: to ?? null,
    units,
    qualification: qualification ?? null,
    qualification_label: qualification === undefined ? null : qualifications[qualification][locale]
  })
  const item = ({ id, severity }: OpenItem) => {
    const incident = incidents.get(id)
    return {
      id,
      severity,
      severity_label: levels[severity][locale],
      kind: incident?.kind ?? null,
      kind_label: incident === undefined ? null : incidentKinds[incident.kind][locale],
      zone_name: incident === undefined ? null : zoneName(incident.zone)
    }
  }
  const nameOf = ({ kind, id }: Owner): string => (kind === 'agency' ? agencies[id][locale] : kind === 'unit' ? unitName(id) : id)
  const { offer } = command

  return {
    now: time(at),
    units: units.map(unit => {
      const next = dutySpans(unit, day, timezone, plan)
      return {
        id: unit.id,
        name: unit.name,
        agency: unit.agency,
        agency_label: agencies[unit.agency][locale],
        members: [...unit.members],
        zones: [...unit.zones],
        commands: unit.commands,
        shifts: unit.shifts.map(({ from, to }) => ({ from, to })),
        qualifications: qualified(words.filter(word => isQualified(unit, word, people))),
        on_duty: next[0]?.from === at,
        next: next.map(({ from, until }) => ({ from: time(from), until: time(until) }))
      }
    }),
    people: people.map(person => ({
      name: person.name,
      agency: person.agency,
      agency_label: agencies[person.agency][locale],
      roles: [...person.roles],
      role_labels: person.roles.map(role => roles[role][locale]),
      qualifications: qualified(person.qualifications)
    })),
    covers: covers.map(cover),
    gaps: coverGaps(covers, roster, day).map(gap => ({
      cover: cover(gap.cover),
      begin: time(gap.begin),
      end: time(gap.end),
      present: gap.present,
      missing: gap.missing
    })),
    changes: [...plan].reverse().map(change => {
      const other = change.kind === 'swapped' ? change.with : null
      return {
        id: change.id,
        kind: change.kind,
        kind_label: kinds[change.kind][locale],
        unit: change.unit,
        unit_name: unitName(change.unit),
        with: other,
        with_name: other === null ? null : unitName(other),
        from: time(change.from),
        until: time(change.until),
        reason: change.reason,
        by: change.by,
        at: time(change.at),
        over: change.until <= at
      }
    }),
    command: {
      owner: { kind: owner.kind, id: owner.id, name: nameOf(owner) },
      holder: command.holder ?? null,
      since: command.since === undefined ? null : time(command.since),
      must_name: roster.open.filter(({ severity }) => severity === 'red').map(item),
      offer:
        offer === undefined
          ? null
          : {
              id: offer.id,
              from: offer.from,
              to: offer.to,
              at: time(offer.at),
              text: offer.text,
              items: offer.items.map(item),
              expires_at: time(offer.expires_at),
              read_back:
                offer.read_back === undefined
                  ? null
                  : { at: time(offer.read_back.at), items: [...offer.read_back.items], text: offer.read_back.text }
            }
    }
  }
}

export const presentPowers = (locale: Locale): PowersShape =>
  (Object.keys(powers) as Power[]).map(power => {
    const answers = (Object.keys(agencies) as Agency[]).flatMap(agency => {
      const answer = powerOf(agency, power)
      const law = answer.may ? answer.by : answer.because
      if (law === undefined) return []
      const quoted = { law: law.law[locale], limit: law.limit?.[locale] ?? null, verified: law.verified }
      return [{ may: answer.may, said: { agency, agency_label: agencies[agency][locale], ...quoted } }]
    })
    const said = (may: boolean) => answers.filter(answer => answer.may === may).map(answer => answer.said)
    return { power, label: powers[power][locale], may: said(true), may_not: said(false) }
  })
