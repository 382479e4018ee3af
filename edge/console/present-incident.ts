/** An incident in the reader's language: who answers, what is done, and its clocks at this moment. */

import type { Clock } from '../clock.ts'
import { answered } from '../domain/asking.ts'
import { clocksOf } from '../domain/clocks.ts'
import { fadedAt, grades, signs } from '../domain/evidence.ts'
import { whatIsSaid, whoSaysIt } from '../domain/evidence-words.ts'
import type { Hypothesis } from '../domain/hypothesis.ts'
import { type Incident as DomainIncident, type Response as DomainResponse, placesOf, type Task } from '../domain/incident.ts'
import { stageOf } from '../domain/incident-due.ts'
import { sayTask } from '../domain/incident-work.ts'
import { orderKinds } from '../domain/orders.ts'
import { type Power, powers, sayPower } from '../domain/powers.ts'
import { actionStatuses, mayStop } from '../domain/public-actions.ts'
import type { Sop } from '../domain/sops/sop.ts'
import { relations, sweepAnswers } from '../domain/sought.ts'
import { sayNamed } from '../domain/timeline-telling.ts'
import {
  type Agency,
  agencies,
  incidentKinds,
  type Locale,
  levels,
  listed,
  outcomes,
  responseStatuses,
  stages
} from '../domain/vocabulary.ts'
import { sayTrouble } from '../domain/words.ts'
import type { AgencyAnswerShape, IncidentShape, ResponseShape } from './incident-shape.ts'
import { type Names, signedIn } from './present-alert.ts'

export const openIncidentPresenter = ({ time, zoneName, unitName }: Names, clock: Clock, sops: ReadonlyMap<string, Sop>) => {
  const timeOr = (at: number | undefined): string | null => (at === undefined ? null : time(at))
  const signed = signedIn(time)

  const response = (from: DomainResponse, locale: Locale): ResponseShape => ({
    unit: from.unit,
    unit_name: unitName(from.unit),
    agency: from.agency,
    agency_label: agencies[from.agency][locale],
    status: from.status,
    status_label: responseStatuses[from.status][locale],
    level: from.level,
    asked_at: time(from.asked_at),
    shown_at: timeOr(from.shown_at),
    heard_at: timeOr(from.heard_at),
    acknowledged_at: timeOr(from.acknowledged_at),
    en_route_at: timeOr(from.en_route_at),
    on_scene_at: timeOr(from.on_scene_at),
    done_at: timeOr(from.done_at),
    check_due_at: timeOr(from.check_due_at),
    overdue_at: timeOr(from.overdue_at),
    reason: from.reason ?? null
  })

  const agencyAnswer = (incident: DomainIncident, agency: Agency, locale: Locale): AgencyAnswerShape => {
    const asked = Object.values(incident.responses).filter(r => r.agency === agency)
    const first = asked.filter(answered).sort((a, b) => (a.acknowledged_at ?? 0) - (b.acknowledged_at ?? 0))[0]
    const asked_at = asked.length === 0 ? undefined : Math.min(...asked.map(r => r.asked_at))
    return {
      agency,
      label: agencies[agency][locale],
      needed: incident.needs.includes(agency),
      state: first !== undefined ? 'answered' : asked.length > 0 && asked.every(r => r.status === 'declined') ? 'declined' : 'silent',
      units: asked.map(r => r.unit),
      asked_at: timeOr(asked_at),
      acknowledged_at: timeOr(first?.acknowledged_at),
      answered_by: first === undefined ? null : unitName(first.unit),
      seconds: first?.acknowledged_at === undefined || asked_at === undefined ? null : (first.acknowledged_at - asked_at) / 1000
    }
  }

  const power = (word: Power, agency: Agency | undefined, locale: Locale) => ({
    power: word,
    label: powers[word][locale],
    said: agency === undefined ? null : sayPower(agency, word, locale)
  })
  const task = (from: Task, asked: DomainIncident['responses'], locale: Locale): IncidentShape['tasks'][number] => ({
    id: from.id,
    text: sayTask(from, locale),
    by: from.by,
    at: time(from.at),
    agency: from.agency ?? null,
    agency_label: from.agency === undefined ? null : agencies[from.agency][locale],
    unit: from.unit ?? null,
    unit_name: from.unit === undefined ? null : unitName(from.unit),
    zone: from.zone ?? null,
    zone_name: from.zone === undefined ? null : zoneName(from.zone),
    power: from.power === undefined ? null : power(from.power, from.agency ?? asked[from.unit ?? '']?.agency, locale),
    answers: from.answers === undefined ? null : from.answers.map(answer => ({ answer, label: answerLabel(answer, locale) })),
    due_at: timeOr(from.due_at),
    overdue_at: timeOr(from.overdue_at),
    done: from.done === undefined ? null : { by: from.done.by, at: time(from.done.at), answer: from.done.answer ?? null },
    cancelled: signed(from.cancelled)
  })

  const checklist = (state: DomainIncident, locale: Locale): IncidentShape['sop'] => {
    const sop = sops.get(state.sop)
    return {
      id: state.sop,
      label: sop?.label[locale] ?? state.sop,
      steps: (sop?.steps ?? []).map(({ id, what, agency, within_s }) => ({
        id,
        text: what[locale],
        agency,
        agency_label: agencies[agency][locale],
        due_at: time(state.opened_at + within_s * 1000),
        done: signed(state.notes.find(({ step }) => step === id))
      }))
    }
  }

  const evidence = ({ kind, grade, points, evidence: all }: Hypothesis, locale: Locale): IncidentShape['evidence'] => ({
    kind,
    kind_label: incidentKinds[kind][locale],
    grade,
    grade_label: grades[grade].label[locale],
    points,
    rows: all.map(one => ({
      sign: one.sign,
      source: one.source,
      who: whoSaysIt(one, { zone: zoneName }, locale),
      what: whatIsSaid(one, locale),
      at: time(one.at),
      points: one.points,
      half_life_s: signs[one.sign].half_life_s,
      fades_at: time(fadedAt(one))
    }))
  })

  const still = (state: DomainIncident, locale: Locale): Omit<IncidentShape, 'clocks'> => {
    const responses = Object.values(state.responses)
    const everyone = [...new Set([...state.needs, ...responses.map(r => r.agency)])]
    const stage = stageOf(state)
    return {
      id: state.id,
      kind: state.kind,
      kind_label: incidentKinds[state.kind][locale],
      zone: state.zone,
      zone_name: listed(placesOf(state).map(zoneName), locale),
      severity: state.severity,
      severity_label: levels[state.severity][locale],
      highest: state.highest,
      phase: state.phase,
      stage,
      stage_label: stages[stage][locale],
      because: sayNamed(state.because, { zone: zoneName, unit: unitName }, locale),
      evidence: state.hypothesis === undefined ? null : evidence(state.hypothesis, locale),
      opened_at: time(state.opened_at),
      needs: [...state.needs],
      agencies: everyone.map(agency => agencyAnswer(state, agency, locale)),
      responses: responses.map(r => response(r, locale)),
      accountability_s: state.accountability_s ?? null,
      ladder: {
        enough: state.ladder.enough,
        level: state.level,
        due_at: timeOr(state.due_at),
        next: state.due_at === undefined ? null : (state.ladder.rungs[state.level + 1]?.ask ?? 'city')
      },
      unanswered: state.unanswered,
      worsened: state.worsened ?? 0,
      sop: checklist(state, locale),
      tasks: (state.tasks ?? []).map(one => task(one, state.responses, locale)),
      actions: (state.actions ?? []).map(one => ({
        ...{ id: one.id, kind: one.kind, persons: one.persons, status: one.status },
        kind_label: orderKinds[one.kind][locale],
        device: one.device ?? null,
        proposed_at: time(one.proposed_at),
        confirmed: one.confirmed.map(({ by, at }) => ({ by, at: time(at) })),
        status_label: actionStatuses[one.status][locale],
        may_stop: mayStop(one),
        at: time(one.at),
        why: one.why === undefined ? null : sayTrouble(one.why, locale)
      })),
      alerts: [...state.alerts],
      notes: state.notes.map(({ by, at, text, step }) => ({ by, at: time(at), text, step: step ?? null })),
      attachments: (state.attachments ?? []).map(({ at, text, ...file }) => ({ ...file, at: time(at), text: text ?? null })),
      all_clear: state.all_clear.map(({ by, role, at }) => ({ by, role, at: time(at) })),
      outcome: state.outcome ?? null,
      outcome_label: state.outcome === undefined ? null : outcomes[state.outcome][locale],
      outcome_text: state.outcome_text ?? null,
      closed_at: timeOr(state.closed_at),
      closed_by: state.closed_by ?? null,
      reopened: (state.reopened ?? []).map(({ by, at, reason }) => ({ by, at: time(at), reason })),
      merged_into: state.merged_into ?? null,
      merged: [...(state.merged ?? [])],
      split_from: state.split_from ?? null,
      handed_over:
        state.handed_over === undefined
          ? null
          : { ...state.handed_over, at: time(state.handed_over.at), to_label: relations[state.handed_over.to][locale] },
      drill: state.drill
    }
  }

  /** A state never changes, only its clocks run: a board of a thousand incidents writes out those alone that are new. */
  const written = new WeakMap<DomainIncident, Map<Locale, Written>>()
  const writtenOf = (state: DomainIncident, locale: Locale): Written => {
    const known = written.get(state) ?? new Map<Locale, Written>()
    const one = known.get(locale) ?? { shape: still(state, locale) }
    written.set(state, known.set(locale, one))
    return one
  }
  const clocks = (state: DomainIncident): IncidentShape['clocks'] => {
    const { agencies, rings, ...clocks } = clocksOf(state, clock.now())
    return { ...clocks, agencies: [...agencies], rings: [...rings] }
  }
  return {
    incident: (state: DomainIncident, locale: Locale): IncidentShape => ({
      ...writtenOf(state, locale).shape,
      clocks: clocks(state)
    }),
    /** The same as JSON: what stands still is encoded once, which is three quarters of what a board of a thousand costs. */
    incidentJson: (state: DomainIncident, locale: Locale): readonly Buffer[] => {
      const one = writtenOf(state, locale)
      one.json ??= Buffer.from(JSON.stringify(one.shape).replace(/}$/, ',"clocks":'))
      return [one.json, Buffer.from(`${JSON.stringify(clocks(state))}}`)]
    }
  }
}

const answerLabel = (answer: string, locale: Locale): string =>
  answer === 'seen' || answer === 'not_seen' ? sweepAnswers[answer][locale] : answer

type Written = { readonly shape: Omit<IncidentShape, 'clocks'>; json?: Buffer }
