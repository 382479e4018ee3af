/** What happened, in words: for a person who is handed the sealed file without our program. */
import { type Incident, placesOf, type Response, type Task } from '../domain/incident.ts'
import { agencies, incidentKinds, type Locale, levels, listed, outcomes, responseStatuses } from '../domain/vocabulary.ts'
import { say } from '../domain/words.ts'
import type { Desk } from '../ports.ts'
import { timesOf } from './language.ts'
import { namesOf } from './names.ts'

const words = {
  'zh-CN': {
    ...{ drill: '【演练】', opened: '接报', why: '原因', closed: '结案', units: '力量', tasks: '任务', notes: '记录' },
    ...{ asked: '通知', due: '时限', done: '完成', none: '无' }
  },
  en: {
    ...{ drill: 'EXERCISE ', opened: 'opened', why: 'because', closed: 'closed', units: 'units', tasks: 'tasks', notes: 'notes' },
    ...{ asked: 'asked', due: 'due', done: 'done', none: 'none' }
  }
} as const

export const summaryOf = (desk: Desk, incident: Incident, locale: Locale): string => {
  const w = words[locale]
  const time = timesOf(desk.station.timezone)
  const { zoneName, unitName } = namesOf(desk)
  const zone = listed(placesOf(incident).map(zoneName), locale)
  const line = (parts: readonly (string | undefined)[]): string => parts.filter(part => part !== undefined && part !== '').join(', ')
  const section = (title: string, lines: readonly string[]): string[] => [
    `\n${title}:`,
    ...(lines.length === 0 ? [`  ${w.none}`] : lines.map(one => `  ${one}`))
  ]
  const reached = (response: Response): string[] =>
    (['acknowledged', 'en_route', 'on_scene', 'done'] as const).flatMap(status => {
      const at = response[`${status}_at`]
      return at === undefined ? [] : [`${responseStatuses[status][locale]} ${time(at)}`]
    })
  const unit = (response: Response): string => {
    const { agency, status, asked_at, reason } = response
    const now = `${agencies[agency][locale]} ${unitName(response.unit)}: ${responseStatuses[status][locale]}`
    return line([now, `${w.asked} ${time(asked_at)}`, ...reached(response), reason])
  }
  const task = ({ text, due_at, done }: Task): string =>
    line(
      [text, due_at && `${w.due} ${time(due_at)}`, done && `${w.done} ${time(done.at)} ${done.by} ${done.answer ?? ''}`.trim()].map(
        part => part || undefined
      )
    )
  const { closed_at, outcome, outcome_text } = incident
  return [
    `${incident.drill ? w.drill : ''}${levels[incident.severity][locale]} ${incidentKinds[incident.kind][locale]}, ${desk.station.name} ${zone}, ${incident.id}`,
    `${w.opened}: ${time(incident.opened_at)}`,
    `${w.why}: ${say(incident.because, locale)}`,
    ...(closed_at === undefined ? [] : [`${w.closed}: ${line([time(closed_at), outcome && outcomes[outcome][locale], outcome_text])}`]),
    ...section(w.units, Object.values(incident.responses).map(unit)),
    ...section(w.tasks, (incident.tasks ?? []).map(task)),
    ...section(
      w.notes,
      incident.notes.map(({ at, by, text }) => `${time(at)} ${by}: ${text}`)
    ),
    ''
  ].join('\n')
}
