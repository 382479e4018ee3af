/** The tables of the report about people and what they did: agencies and units, channels, checklist, tasks, notes, attachments. */
import { type Html, html } from './html.ts'
import type { IncidentShape } from './incident-shape.ts'
import type { Pen, ReportData } from './report-page.ts'

export const agencySection = ({ shape, calls, time }: ReportData, { word, clock, lasted }: Pen): Html => {
  const heads = ['agency', 'unit', 'asked', 'shown', 'heard', 'answered', 'took', 'en_route', 'on_scene', 'done', 'state'] as const
  return html`<h2>${word('agencies')}</h2>
<table><thead><tr>${heads.map(head => html`<th>${word(head)}</th>`)}</tr></thead><tbody>
${shape.agencies.map(({ agency, label }) => {
  const theirs = shape.responses.filter(response => response.agency === agency)
  if (theirs.length === 0) return html`<tr><td>${label}</td><td colspan="10" class="bad">${word('nobody')}</td></tr>`
  return theirs.map((response, i) => unitRow(i === 0 ? label : undefined, theirs.length, response, { clock, lasted }))
})}
</tbody></table>
${
  calls.length === 0
    ? undefined
    : html`<h3>${word('channels')}</h3><table><thead><tr><th>${word('unit')}</th><th>${word('channel')}</th><th class="t">${word('asked')}</th><th>${word('result')}</th></tr></thead><tbody>
${calls.map(
  ({ unit, channel, asked_at, said }) =>
    html`<tr><td>${unit}</td><td>${channel}</td><td class="t">${clock(time(asked_at))}</td><td>${said.length === 0 ? '–' : said.map(({ at, text }) => `${clock(time(at))} ${text}`).join('\n')}</td></tr>`
)}
</tbody></table>`
}`
}

const unitRow = (
  agency: string | undefined,
  span: number,
  response: IncidentShape['responses'][number],
  { clock, lasted }: Pick<Pen, 'clock' | 'lasted'>
): Html => {
  const { asked_at, shown_at, heard_at, acknowledged_at, en_route_at, on_scene_at, done_at, overdue_at, reason } = response
  const took = acknowledged_at === null ? '–' : lasted((Date.parse(acknowledged_at) - Date.parse(asked_at)) / 1000)
  const silent = acknowledged_at === null || response.status === 'declined' || overdue_at !== null
  return html`<tr>${agency === undefined ? undefined : html`<td rowspan="${span}">${agency}</td>`}<td>${response.unit_name}</td>${[
    asked_at,
    shown_at,
    heard_at,
    acknowledged_at
  ].map(
    at => html`<td class="n">${clock(at)}</td>`
  )}<td class="n">${took}</td>${[en_route_at, on_scene_at, done_at].map(at => html`<td class="n">${clock(at)}</td>`)}<td class="${silent ? 'bad' : ''}">${response.status_label}${reason === null ? '' : `：${reason}`}</td></tr>`
}

export const stepSection = ({ shape, time, printed }: ReportData, { word, clock }: Pen): Html => {
  const row = ({ text, agency_label, due_at, done }: IncidentShape['sop']['steps'][number]): Html => {
    const until = Date.parse(done?.at ?? shape.closed_at ?? time(printed.at))
    const late = until > Date.parse(due_at)
    return html`<tr><td>${text}</td><td>${agency_label}</td><td class="n">${clock(due_at)}</td><td>${done === null ? undefined : word('by', { at: clock(done.at), by: done.by })}${
      done === null && (late || shape.phase === 'closed')
        ? html`<span class="bad">${word('not_done')}</span>`
        : done !== null && late
          ? html` <span class="bad">${word('late')}</span>`
          : undefined
    }</td></tr>`
  }
  return html`<h2>${word('steps', { sop: shape.sop.label })}</h2>
<table><thead><tr><th>${word('step')}</th><th>${word('agency')}</th><th>${word('due')}</th><th>${word('finished')}</th></tr></thead><tbody>
${shape.sop.steps.map(row)}
</tbody></table>`
}

export const taskSection = ({ shape }: ReportData, { word, clock }: Pen): Html => {
  const done = ({ done, cancelled, overdue_at }: IncidentShape['tasks'][number]): Html => {
    if (cancelled !== null) return html`${word('cancelled')} ${word('by', { at: clock(cancelled.at), by: cancelled.by })}`
    if (done === null) return html`<span class="bad">${word('not_done')}</span>`
    return html`${word('by', { at: clock(done.at), by: done.by })}${done.answer === null ? '' : `：${done.answer}`}${overdue_at === null ? undefined : html` <span class="bad">${word('late')}</span>`}`
  }
  const row = (task: IncidentShape['tasks'][number]): Html =>
    html`<tr><td>${task.text}${
      task.power?.said
        ? html`
<span class="dim">${task.power.said}</span>`
        : undefined
    }</td><td>${[task.unit_name ?? task.agency_label, task.zone_name].filter(name => name !== null).join(' · ') || '–'}</td><td class="n">${clock(task.due_at)}</td><td>${done(task)}</td></tr>`
  return section(
    word('tasks'),
    shape.tasks.length,
    word,
    () => html`<table><thead><tr><th>${word('task')}</th><th>${word('assigned')}</th><th>${word('due')}</th><th>${word('finished')}</th></tr></thead><tbody>
${shape.tasks.map(row)}
</tbody></table>`
  )
}

export const notesSection = ({ shape }: ReportData, { word, clock }: Pen): Html => {
  const notes = shape.notes.filter(({ step, text }) => step === null || text.trim() !== '')
  return section(
    word('notes'),
    notes.length,
    word,
    () => html`<table><thead><tr><th class="t">${word('time')}</th><th>${word('person')}</th><th>${word('text')}</th></tr></thead><tbody>
${notes.map(({ at, by, text }) => html`<tr><td class="t">${clock(at)}</td><td>${by}</td><td>${text}</td></tr>`)}
</tbody></table>`
  )
}

export const attachmentSection = ({ shape }: ReportData, { word, clock }: Pen): Html =>
  section(
    word('attachments'),
    shape.attachments.length,
    word,
    () => html`<table><thead><tr><th class="t">${word('time')}</th><th>${word('person')}</th><th>${word('file')}</th><th>${word('size')}</th><th>SHA-256</th></tr></thead><tbody>
${shape.attachments.map(
  ({ at, by, name, bytes, sha256, text }) =>
    html`<tr><td class="t">${clock(at)}</td><td>${by}</td><td>${name}${text === null ? '' : `\n${text}`}</td><td class="n">${bytes}</td><td class="code">${sha256}</td></tr>`
)}
</tbody></table>`
  )

const section = (title: string, count: number, word: Pen['word'], table: () => Html): Html =>
  html`<h2>${title}</h2>${count === 0 ? html`<p>${word('none')}</p>` : table()}`
