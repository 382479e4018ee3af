/** The printed report of an incident (警情处置报告): one page that needs nothing else, to be read, printed, signed and checked. */
import type { Incident } from '../domain/incident.ts'
import type { Line } from '../domain/timeline.ts'
import { categories } from '../domain/timeline-words.ts'
import { type Locale, levels, roles } from '../domain/vocabulary.ts'
import { fill } from '../domain/words.ts'
import type { Proof } from '../ports.ts'
import { type Html, html } from './html.ts'
import type { IncidentShape } from './incident-shape.ts'
import { clockBars } from './report-chart.ts'
import { reportStyle } from './report-style.ts'
import { agencySection, attachmentSection, notesSection, stepSection, taskSection } from './report-tables.ts'
import { type ReportWord, reportWords } from './report-words.ts'

export type Call = {
  readonly unit: string
  readonly channel: string
  readonly asked_at: number
  readonly said: readonly { readonly at: number; readonly text: string }[]
}
export type ReportData = {
  readonly station: { readonly id: string; readonly name: string }
  readonly incident: Incident
  readonly shape: IncidentShape
  readonly lines: readonly (Line & { readonly type: string; readonly proof: Proof | undefined })[]
  readonly calls: readonly Call[]
  readonly journal: {
    readonly id: string
    readonly head: { readonly seq: number; readonly hash: string } | undefined
    readonly unpersisted: number
  }
  readonly complete: boolean
  readonly locale: Locale
  readonly time: (at: number) => string
  readonly printed: { readonly at: number; readonly by: string }
}

/** What every part of the report writes with. */
export type Pen = {
  readonly word: (key: ReportWord, values?: Record<string, string | number>) => string
  /** Date and time to the second; the time alone on the day it was opened. */
  readonly moment: (at: string | null) => string
  readonly clock: (at: string | null) => string
  readonly lasted: (seconds: number) => string
}

export const reportPage = (data: ReportData): string => {
  const { shape, locale, incident, lines, journal } = data
  const pen = openPen(data)
  const { word } = pen
  const notes: readonly (string | undefined)[] = [
    incident.drill ? word('drill_note') : undefined,
    incident.phase === 'open' ? word('open_note') : undefined,
    journal.unpersisted > 0 ? word('pending_note', { n: journal.unpersisted }) : undefined,
    data.complete ? undefined : word('cut_note')
  ]
  const { html: page } = html`<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${word('title')} ${shape.id}</title><style>${{ html: reportStyle(locale) }}</style></head><body>
${incident.drill ? html`<div class="drill-mark" aria-hidden="true">${word('drill')}</div>` : undefined}
<h1>${incident.drill ? `${word('drill')} · ` : ''}${word('title')}</h1>
<p class="sub">${data.station.name} · ${shape.id} · ${word('printed', { at: pen.moment(data.time(data.printed.at)), by: data.printed.by })}</p>
${notes.map(note => note && html`<p class="note">${note}</p>`)}
${facts(data, pen)}
<h2>${word('clocks')}</h2>
${clockBars(shape.clocks, word, pen.lasted)}
${goals(shape, pen)}
<h2>${word('evidence')}</h2>
${plainLines(
  lines.filter(({ category }) => category === 'evidence'),
  data,
  pen
)}
${agencySection(data, pen)}
<h2>${word('escalations')}</h2>
${escalations(data, pen)}
${stepSection(data, pen)}
${taskSection(data, pen)}
${notesSection(data, pen)}
${attachmentSection(data, pen)}
${allClear(data, pen)}
<h2>${word('timeline')}</h2>
${timeline(data, pen)}
${proof(data, pen)}
<div class="signatures"><p>${word('commander')}</p><p>${word('recorder')}</p><p>${word('date')}</p></div>
</body></html>
`
  return page
}

const openPen = ({ locale, time, incident }: ReportData): Pen => {
  const day = time(incident.opened_at).slice(0, 10)
  const word: Pen['word'] = (key, values = {}) => fill(reportWords[key][locale], values, locale)
  return {
    word,
    moment: at => (at === null ? '–' : `${at.slice(0, 10)} ${at.slice(11, 19)}`),
    clock: at => (at === null ? '–' : at.slice(0, 10) === day ? at.slice(11, 19) : `${at.slice(5, 10)} ${at.slice(11, 19)}`),
    lasted: seconds => {
      if (seconds < 60) return word('seconds', { n: Math.round(seconds * 10) / 10 })
      const whole = Math.round(seconds)
      if (whole < 3600) return word('minutes', { m: Math.floor(whole / 60), s: whole % 60 })
      return word('hours', { h: Math.floor(whole / 3600), m: Math.floor((whole % 3600) / 60) })
    }
  }
}

const facts = ({ shape, station, locale }: ReportData, { word, moment }: Pen): Html => {
  const level = html`<span class="level level-${shape.severity}">${shape.severity_label}</span>${shape.highest === shape.severity ? '' : ` (${word('highest', { level: levels[shape.highest][locale] })})`}`
  const closed = shape.closed_at === null ? word('not_yet') : word('by', { at: moment(shape.closed_at), by: shape.closed_by ?? '' })
  const outcome = [shape.outcome_label, shape.outcome_text].filter(text => text !== null).join(locale === 'en' ? ': ' : '：')
  const wide: readonly (readonly [string, string])[] = [
    [word('because'), shape.because],
    [word('outcome'), outcome === '' ? '–' : outcome],
    ...shape.reopened.map(({ at, by, reason }) => [word('reopened'), `${word('by', { at: moment(at), by })}: ${reason}`] as const),
    ...(shape.merged.length > 0 ? [[word('merged'), shape.merged.join(', ')] as const] : []),
    ...(shape.merged_into === null ? [] : [[word('merged_into'), shape.merged_into] as const]),
    ...(shape.split_from === null ? [] : [[word('split_from'), shape.split_from] as const])
  ]
  return html`<table class="facts"><tbody>
<tr><th>${word('number')}</th><td>${shape.id}</td><th>${word('station')}</th><td>${station.name}（${station.id}）</td></tr>
<tr><th>${word('kind')}</th><td>${shape.kind_label}</td><th>${word('zone')}</th><td>${shape.zone_name}</td></tr>
<tr><th>${word('level')}</th><td>${level}</td><th>${word('stage')}</th><td>${shape.stage_label}</td></tr>
<tr><th>${word('opened')}</th><td class="n">${moment(shape.opened_at)}</td><th>${word('closed')}</th><td>${closed}</td></tr>
${wide.map(([name, value]) => html`<tr><th>${name}</th><td colspan="3">${value}</td></tr>`)}
</tbody></table>`
}

const goals = ({ clocks }: IncidentShape, { word, lasted }: Pen): Html => {
  const { answering, processing } = clocks.nfpa
  const rows = [
    ...clocks.rings.map(goal => ({ ...goal, name: word('goal_ring', { n: goal.within_s / 60 }) })),
    { ...answering, name: word('goal_answering') },
    { ...processing, name: word('goal_processing') }
  ]
  const verdict = (met: boolean | null): Html =>
    met === null
      ? html`${word('running')}`
      : met
        ? html`<span class="good">✓ ${word('met')}</span>`
        : html`<span class="bad">✗ ${word('missed')}</span>`
  return html`<table><thead><tr><th>${word('goal')}</th><th>${word('actual')}</th><th>${word('verdict')}</th></tr></thead><tbody>
${rows.map(({ name, seconds, met }) => html`<tr><td>${name}</td><td class="n">${seconds === null ? '–' : lasted(seconds)}</td><td>${verdict(met)}</td></tr>`)}
</tbody></table>`
}

const plainLines = (lines: ReportData['lines'], { time }: ReportData, { word, clock }: Pen): Html =>
  lines.length === 0
    ? html`<p>${word('none')}</p>`
    : html`<table><thead><tr><th class="t">${word('time')}</th><th>${word('text')}</th></tr></thead><tbody>
${lines.map(({ at, text }) => html`<tr><td class="t">${clock(time(at))}</td><td>${text}</td></tr>`)}
</tbody></table>`

const escalating = [
  'incident_escalated',
  'incident_unanswered',
  'incident_asked',
  'incident_worsened',
  'alert_realarmed',
  'incident_unit_overdue'
]
const escalations = (data: ReportData, pen: Pen): Html => {
  const lines = data.lines.filter(({ type }) => escalating.includes(type))
  return lines.length === 0 ? html`<p>${pen.word('no_escalation')}</p>` : plainLines(lines, data, pen)
}

const allClear = ({ shape, locale }: ReportData, { word, clock }: Pen): Html => html`<h2>${word('all_clear')}</h2>
${shape.highest === 'red' ? html`<p>${word('two_roles')}</p>` : undefined}
${
  shape.all_clear.length === 0
    ? html`<p>${word('none')}</p>`
    : html`<table><thead><tr><th class="t">${word('time')}</th><th>${word('person')}</th><th>${word('role')}</th></tr></thead><tbody>
${shape.all_clear.map(({ at, by, role }) => html`<tr><td class="t">${clock(at)}</td><td>${by}</td><td>${roles[role][locale]}</td></tr>`)}
</tbody></table>`
}`

const timeline = ({ lines, locale, time }: ReportData, { word, clock }: Pen): Html => html`<table><thead><tr>
<th class="t">${word('entry')}</th><th class="t">${word('time')}</th><th class="short">${word('category')}</th><th>${word('text')}</th><th class="short">${word('hash')}</th></tr></thead><tbody>
${lines.map(
  ({ seq, at, category, text, proof }) =>
    html`<tr><td class="t">${seq}</td><td class="t">${clock(time(at))}</td><td class="short">${categories[category][locale]}</td><td>${text}</td><td class="code short">${proof?.hash.slice(0, 16) ?? '–'}</td></tr>`
)}
</tbody></table>`

const proof = ({ lines, journal, shape }: ReportData, { word }: Pen): Html => {
  const entry = (name: string, line: ReportData['lines'][number] | undefined): Html =>
    html`<tr><th>${name}</th><td class="t">${line?.seq ?? '–'}</td><td class="code">${line?.proof?.hash ?? '–'}</td></tr>`
  return html`<h2>${word('proof')}</h2><table><tbody>
<tr><th>${word('journal')}</th><td class="code" colspan="2">${journal.id}</td></tr>
${entry(word('first_entry'), lines[0])}${entry(word('last_entry'), lines.at(-1))}
<tr><th>${word('head')}</th><td class="t">${journal.head?.seq ?? '–'}</td><td class="code">${journal.head?.hash ?? '–'}</td></tr>
<tr><th>${word('check')}</th><td colspan="2">${word('check_text')}
<span class="code">qianshao-edge verify --state DIR --incident ${shape.id}</span></td></tr>
</tbody></table>`
}
