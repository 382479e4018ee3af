/** What an incident says to other systems in the words of CAP 1.2. Who reported it, and who works on it, is nobody's business outside. */
import { silentAgencies } from './asking.ts'
import { type CapAlert, type CapInfo, type CapReference, type CapValue, type CapWord, capList, capReference, capTimes } from './cap.ts'
import type { CapMoment, CapWhy } from './cap-history.ts'
import { type Incident, placesOf } from './incident.ts'
import type { Sop } from './sops/sop.ts'
import {
  type Agency,
  agencies,
  capSeverity,
  type IncidentKind,
  incidentKinds,
  type Locale,
  levels,
  listed,
  locales,
  type Outcome,
  outcomes
} from './vocabulary.ts'
import { type Sentence, say } from './words.ts'

/** Who may hear: everyone on a list of readers described in words, or the addresses named. Never the public: this is duty traffic. */
export type CapScope =
  | { readonly scope: 'Restricted'; readonly restriction: string }
  | { readonly scope: 'Private'; readonly addresses: readonly string[] }
export type CapSettings = CapScope & {
  /** Names this station among all systems; no space, comma, `<` or `&`. */
  readonly sender: string
  /** Nothing repeats a message that has not changed, so it must outlast the usual incident. */
  readonly expires_minutes: number
}
export type CapStation = {
  readonly id: string
  readonly name: string
  readonly timezone: string
  readonly cap: CapSettings
  readonly zoneName: (zone: string) => string
  readonly sop: (name: string) => Sop | undefined
}
/** Where an incident came from when another system sent it. */
export type CapOrigin = CapReference & { readonly status: CapWord<'status'>; readonly incidents?: readonly string[] }

export const usualCap = (station: string): CapSettings => ({
  scope: 'Restricted',
  restriction: '联勤单位 joint-duty agencies',
  sender: `${station}@qianshao.local`,
  expires_minutes: 360
})

/** Every message of an incident, the oldest first. */
export const capsOf = (moments: readonly CapMoment[], station: CapStation, origin?: CapOrigin): readonly CapAlert[] => {
  const time = capTimes(station.timezone)
  const named = new Map(
    moments.map(({ n, at, incident }) => [
      n,
      { sender: station.cap.sender, identifier: identify(station.id, incident.id, n), sent: time(at) }
    ])
  )
  return moments.map(moment =>
    capOf(
      moment,
      moment.references.flatMap(n => named.get(n) ?? []),
      station,
      origin
    )
  )
}

export const capOf = (moment: CapMoment, references: readonly CapReference[], station: CapStation, origin?: CapOrigin): CapAlert => {
  const { incident, at, n, msgType } = moment
  const time = capTimes(station.timezone)
  const { merged_into, merged = [], split_from } = incident
  const related = [incident.id, merged_into, split_from, ...merged].flatMap(id => (id === undefined ? [] : [`${station.id}/${id}`]))
  return {
    identifier: identify(station.id, incident.id, n),
    sender: station.cap.sender,
    sent: time(at),
    status: statusOf(incident),
    msgType,
    ...scopeOf(station.cap),
    note: noteOf(moment),
    ...(references.length > 0 && { references: capList(references.map(capReference)) }),
    incidents: capList([...new Set([...related, ...(origin?.incidents ?? [])])]),
    info: locales.map(locale => infoOf(moment, station, locale))
  }
}

const identify = (station: string, incident: string, n: number | 'ack'): string => `${station}.${incident}.${n}`
/** The incident that a message of this station was about. */
export const incidentOfCap = (station: string, identifier: string): string | undefined =>
  identifier.startsWith(`${station}.`) ? /^([^.]+)\.\d+$/.exec(identifier.slice(station.length + 1))?.[1] : undefined

/** "We have it", to whoever sent the message that opened this incident. One for each incident: the first answer is the answer. */
export const capAck = (origin: CapOrigin, incident: Incident, at: number, station: CapStation): CapAlert => ({
  identifier: identify(station.id, incident.id, 'ack'),
  sender: station.cap.sender,
  sent: capTimes(station.timezone)(at),
  status: origin.status,
  msgType: 'Ack',
  scope: 'Private',
  addresses: capList([origin.sender]),
  note: `${station.name}已签收 has it`,
  references: capReference(origin),
  incidents: capList([`${station.id}/${incident.id}`, ...(origin.incidents ?? [])])
})

/** The hourly check of the path is a test that every recipient disregards. */
const statusOf = ({ kind, drill }: Incident): CapWord<'status'> => (kind === 'path' ? 'Test' : drill ? 'Exercise' : 'Actual')

const scopeOf = (cap: CapScope): Pick<CapAlert, 'scope' | 'restriction' | 'addresses'> =>
  cap.scope === 'Restricted' ? { scope: cap.scope, restriction: cap.restriction } : { scope: cap.scope, addresses: capList(cap.addresses) }

const whys: Readonly<Record<CapWhy, string>> = {
  opened: '接报 opened',
  worsened: '升级 worse',
  absorbed: '并入其他警情 another incident is the same',
  escalated: '逾时未签收，已逐级上报 not answered in time, escalated',
  unanswered: '没有可以再通知的力量 nobody is left to ask',
  asked: '增派力量 more units asked',
  split: '拆分 split',
  reopened: '重新打开 reopened',
  closed: '结案 closed',
  merged: '并入其他警情 merged into another incident',
  changed: '有变化 changed'
}
/** For an exercise the note names it (CAP 1.2, 3.2.1 status); for a Cancel it says why. */
const noteOf = ({ why, incident: { id, drill, outcome } }: CapMoment): string => {
  const how = why === 'closed' && outcome !== undefined ? `：${outcomes[outcome]['zh-CN']} ${outcomes[outcome].en}` : ''
  return `${drill ? `演练 exercise ${id}；` : ''}${whys[why]}${how}`
}

/** CBRNE means an attack or a threat of one: a leaking pipe is for the fire service, and must not call anybody else. */
const categories: Readonly<Record<IncidentKind, readonly CapWord<'category'>[]>> = {
  crowd: ['Safety'],
  capacity: ['Safety'],
  fire: ['Fire'],
  gas: ['Fire', 'Infra'],
  panic: ['Security'],
  fight: ['Security'],
  collapse: ['Health', 'Rescue'],
  water: ['Infra'],
  heat: ['Fire', 'Safety'],
  device: ['Infra'],
  camera: ['Infra'],
  blind: ['Infra'],
  lost_child: ['Rescue'],
  dispute: ['Security'],
  outage: ['Infra'],
  cover: ['Safety'],
  help: ['Rescue', 'Safety'],
  path: ['Other'],
  odd: ['Other'],
  other: ['Other']
}

/** What is asked of who hears. `Execute`, the plan in <instruction>, is added wherever there is a checklist. */
const responses: Readonly<Record<IncidentKind, CapWord<'responseType'>>> = {
  crowd: 'Avoid',
  capacity: 'Avoid',
  fire: 'Evacuate',
  gas: 'Evacuate',
  panic: 'Assess',
  fight: 'Avoid',
  collapse: 'Assess',
  water: 'Avoid',
  heat: 'Assess',
  device: 'Assess',
  camera: 'Assess',
  blind: 'Assess',
  lost_child: 'Monitor',
  dispute: 'Assess',
  outage: 'Assess',
  cover: 'Prepare',
  help: 'Prepare',
  path: 'None',
  odd: 'Assess',
  other: 'Assess'
}

const infoOf = ({ incident, at }: CapMoment, station: CapStation, locale: Locale): CapInfo => {
  const { kind, severity, drill, because, zone } = incident
  const places = placesOf(incident)
  const time = capTimes(station.timezone)
  const place = zone === '' ? station.name : `${station.name} ${listed(places.map(station.zoneName), locale)}`
  const instruction = instructionOf(incident, station, locale)
  const text = (zh: string, en: string): string => (locale === 'zh-CN' ? zh : en)
  return {
    language: locale,
    category: categories[kind],
    event: incidentKinds[kind][locale],
    responseType: responsesOf(incident, instruction !== undefined),
    ...standingOf(incident),
    severity: capSeverity[severity],
    audience: namesOf(incident.needs, locale),
    eventCode: [{ valueName: 'qianshao:kind', value: kind }],
    onset: time(incident.opened_at),
    expires: time(at + station.cap.expires_minutes * 60_000),
    senderName: station.name,
    headline: `${drill ? text('【演练】', 'EXERCISE: ') : ''}${levels[severity][locale]}${text('', ' ')}${incidentKinds[kind][locale]}${text('：', ': ')}${place}`,
    description: [reasonOf(because, locale), answersOf(incident, locale)].filter(part => part !== '').join('\n'),
    ...(instruction !== undefined && incident.phase === 'open' && { instruction }),
    parameter: parametersOf(incident),
    area: [{ areaDesc: place, geocode: places.map(one => ({ valueName: 'qianshao:zone', value: `${station.id}/${one}` })) }]
  }
}

const endings: Readonly<Record<Outcome, CapWord<'responseType'>>> = {
  resolved: 'AllClear',
  exercise: 'AllClear',
  handed_over: 'Monitor',
  false_alarm: 'None',
  duplicate: 'None'
}
const responsesOf = ({ kind, phase, outcome }: Incident, checklist: boolean): readonly CapWord<'responseType'>[] => {
  if (phase === 'closed') return [endings[outcome ?? 'resolved']]
  return checklist && kind !== 'path' ? [responses[kind], 'Execute'] : [responses[kind]]
}

/** How soon and how sure: measured, forecast or told by somebody. */
const standingOf = ({ phase, outcome, because }: Incident): Pick<CapInfo, 'urgency' | 'certainty'> => {
  if (phase === 'closed' && outcome !== 'handed_over')
    return { urgency: 'Past', certainty: outcome === 'false_alarm' ? 'Unlikely' : 'Observed' }
  // What is not there yet: forecasts, by the way their sentences begin.
  if (/^(forecast|cover_breaks)/.test(because.say)) return { urgency: 'Expected', certainty: 'Likely' }
  return { urgency: 'Immediate', certainty: because.say.startsWith('report') ? 'Possible' : 'Observed' }
}

/** The name of who reported it stays at the station. */
const reasonOf = (because: Sentence, locale: Locale): string =>
  because.say === 'reported' ? String(because.with.text ?? '') : say(because, locale)

const namesOf = (of: readonly Agency[], locale: Locale): string =>
  listed(
    of.map(agency => agencies[agency][locale]),
    locale
  )

const answersOf = (incident: Incident, locale: Locale): string => {
  const silent = silentAgencies(incident)
  const answered = incident.needs.filter(agency => !silent.includes(agency))
  const parts = locale === 'en' ? (['answered: ', 'silent: '] as const) : (['已签收：', '未签收：'] as const)
  return [answered, silent]
    .flatMap((of, i) => (of.length === 0 ? [] : [`${parts[i]}${namesOf(of, locale)}`]))
    .join(locale === 'en' ? '; ' : '；')
}

const steps_told = 3
const instructionOf = ({ sop }: Incident, station: CapStation, locale: Locale): string | undefined => {
  const steps = station.sop(sop)?.steps.slice(0, steps_told) ?? []
  const lines = steps.map(({ what, agency }, i) => `${i + 1}. ${agencies[agency][locale]}${locale === 'en' ? ': ' : '：'}${what[locale]}`)
  return lines.length === 0 ? undefined : lines.join('\n')
}

/** Of what is measured, the figures; names and texts of people are not among them. */
const figures = ['value', 'limit', 'seconds', 'count', 'hours'] as const
const parametersOf = (incident: Incident): readonly CapValue[] => {
  const { because, severity } = incident
  const measured = because.say.startsWith('density') ? 'density_per_m2' : because.with.quantity
  return [
    { valueName: 'qianshao:level', value: severity },
    ...figures.flatMap(name => {
      const value = because.with[name]
      if (typeof value !== 'number') return []
      const of = measured === undefined ? name : name === 'value' ? String(measured) : name === 'limit' ? `${measured}_limit` : name
      return [{ valueName: of, value: String(Math.round(value * 100) / 100) }]
    }),
    { valueName: 'qianshao:silent', value: silentAgencies(incident).join(' ') }
  ]
}
