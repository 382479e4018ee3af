/**
 * Open alerts in groups, each alert in exactly one: by its cause, by what a person pressed, or by place and danger. What somebody
 * has put aside is a group of its own. A group is what one glance can take in; its members are found under it.
 */
import { type Alert, episodeOf } from './alert.ts'
import { dangerOf } from './danger.ts'
import { common_cause } from './suppression.ts'
import { type IncidentKind, rank, type Severity, worse } from './vocabulary.ts'

export type GroupBy = 'pressed' | 'cause' | 'place' | 'aside'
export type Group = {
  readonly id: string
  readonly by: GroupBy
  readonly kind: IncidentKind
  readonly zone: string
  /** Of those that call somebody; what is only a consequence makes nothing worse. */
  readonly severity: Severity
  /** Whose words stand for the group: the cause, or the gravest and newest. */
  readonly head: Alert
  readonly members: readonly Alert[]
  readonly active: number
  readonly suppressed: number
  readonly flapping: number
  readonly since: number
  readonly incidents: readonly string[]
  readonly drill: boolean
}

/** In which group an alert stands; `byId` finds the alert that explains it. */
export const groupIdOf = (alert: Alert, byId: (id: string) => Alert | undefined): string => {
  const side = alert.drill ? 'drill ' : ''
  const cause = alert.suppressed && byId(alert.suppressed.cause)
  // Behind a cause that stands behind another; a circle cannot be drawn, for a cause is named only while it is there.
  if (cause !== undefined && cause.id !== alert.id) return groupOfCause(root(cause, byId))
  if (alert.kind === 'panic') return `${side}pressed:${alert.zone}`
  if (alert.shelved || alert.out_of_service) return `${side}aside`
  if (alert.kind === 'outage') return groupOfCause(alert)
  return `${side}place:${alert.zone}:${dangerOf(alert.kind)}`
}
const root = (cause: Alert, byId: (id: string) => Alert | undefined): Alert => {
  const seen = new Set([cause.id])
  for (let now = cause; ; ) {
    const above = now.suppressed && byId(now.suppressed.cause)
    if (above === undefined || seen.has(above.id)) return now
    seen.add(above.id)
    now = above
  }
}
/** By the thing that failed: that its power is measured as gone and that all who hang on it are silent is one cause. */
const groupOfCause = ({ drill, device, key, kind, zone }: Alert): string =>
  `${drill ? 'drill ' : ''}cause:${device ?? (kind === 'outage' ? key : `${zone}:${key}`)}`

export const groupsOf = (open: readonly Alert[]): readonly Group[] => {
  const alerts = new Map(open.map(alert => [alert.id, alert]))
  const byId = (id: string): Alert | undefined => alerts.get(id)
  const members = new Map<string, Alert[]>()
  for (const alert of open) {
    const id = groupIdOf(alert, byId)
    const those = members.get(id)
    if (those === undefined) members.set(id, [alert])
    else those.push(alert)
  }
  // A silent bridge is a cause as soon as somebody stands behind it: then it leaves its place for its own group.
  for (const alert of open) {
    const id = groupOfCause(alert)
    const own = groupIdOf(alert, byId)
    const behind = id === own ? undefined : members.get(id)
    if (behind === undefined || alert.suppressed || alert.shelved || alert.out_of_service) continue
    const left = (members.get(own) ?? []).filter(one => one !== alert)
    if (left.length > 0) members.set(own, left)
    else members.delete(own)
    behind.push(alert)
  }
  return [...members].map(([id, those]) => groupOf(id, those))
}

export const byOf = (id: string): GroupBy => (/^(?:drill )?(pressed|cause|place|aside)/.exec(id)?.[1] ?? 'place') as GroupBy

const groupOf = (id: string, members: readonly Alert[]): Group => {
  const calling = members.filter(alert => !alert.suppressed)
  const speaking = calling.length > 0 ? calling : members
  const head = speaking.reduce((best, one) => (ahead(one, best) ? one : best))
  return {
    id,
    by: byOf(id),
    kind: head.kind,
    zone: head.zone,
    severity: speaking.reduce((worst, { severity }) => worse(worst, severity), head.severity),
    head,
    members,
    active: members.filter(({ active }) => active).length,
    suppressed: members.filter(({ suppressed }) => suppressed).length,
    flapping: members.filter(({ flapping }) => flapping).length,
    since: Math.min(...speaking.slice(0, 1000).map(({ raised_at }) => raised_at)),
    incidents: [...new Set(members.flatMap(({ incident }) => incident ?? []))],
    drill: head.drill === true
  }
}

const ahead = (a: Alert, b: Alert): boolean => {
  const known = (one: Alert): number => Number(one.rule !== common_cause.rule)
  const by =
    Number(a.active) - Number(b.active) ||
    rank(a.severity) - rank(b.severity) ||
    known(a) - known(b) ||
    a.raised_at - b.raised_at ||
    episodeOf(a) - episodeOf(b)
  return by > 0
}
