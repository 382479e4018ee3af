/** The board in the reader's language: each line says what, where, how many and why; what stands under it is asked for by its group. */
import type { Group } from '../domain/alert-groups.ts'
import type { BoardNow, Line } from '../domain/annunciator.ts'
import { sayNamed } from '../domain/timeline-telling.ts'
import { incidentKinds, type Locale, levels, listed } from '../domain/vocabulary.ts'
import type { BoardLineShape, BoardShape } from './alert-shape.ts'
import { worstFirst } from './order.ts'
import type { Names } from './present-alert.ts'

/** A line names so many groups; the others are counted. */
const most_named = 100

export const openBoardPresenter = ({ time, zoneName, unitName }: Names) => {
  const named = { zone: zoneName, unit: unitName }
  const figures = (groups: readonly Group[], locale: Locale) => ({
    kind_label: listed([...new Set(groups.map(({ kind }) => incidentKinds[kind][locale]))], locale),
    count: sum(groups, ({ members }) => members.length),
    active: sum(groups, ({ active }) => active),
    suppressed: sum(groups, ({ suppressed }) => suppressed),
    flapping: sum(groups, ({ flapping }) => flapping)
  })

  const line = ({ id, by, severity, groups }: Line, locale: Locale): readonly BoardLineShape[] => {
    const [first] = groups
    if (first === undefined) return []
    const { head, kind, drill } = first
    const alone = by === 'group' && first.members.length === 1 && first.by === 'place'
    return [
      {
        id,
        by: by !== 'group' ? by : alone ? 'alert' : first.by === 'aside' ? 'place' : first.by,
        severity,
        severity_label: levels[severity][locale],
        kind,
        ...figures(groups, locale),
        zone_names: [...new Set(groups.map(({ zone }) => zoneName(zone)))],
        head: head.id,
        because: sayNamed(head.because, named, locale),
        since: time(Math.min(...groups.map(({ since }) => since))),
        incidents: [...new Set(groups.flatMap(({ incidents }) => incidents))],
        drill,
        rows: by === 'group' ? rowsOf(first) : [],
        groups: groups.slice(0, most_named).map(group => ({
          id: group.id,
          severity: group.severity,
          severity_label: levels[group.severity][locale],
          kind: group.kind,
          ...figures([group], locale),
          zone_name: zoneName(group.zone),
          because: sayNamed(group.head.because, named, locale)
        })),
        groups_more: Math.max(0, groups.length - most_named)
      }
    ]
  }

  return ({ lines, aside, held, called_lately, called = [] }: BoardNow, locale: Locale): BoardShape => ({
    lines: lines.flatMap(one => line(one, locale)),
    aside: sum(aside, ({ members }) => members.length),
    held,
    called_lately,
    called: [...called]
  })
}

/** What people press stands there one by one, and so do a few of one place; of a cause only what says so. */
const rowsOf = ({ by, head, members }: Group): string[] => {
  if (by === 'cause') return [head.id]
  if (by !== 'pressed' && members.length > most_rows) return []
  return [...members]
    .sort(worstFirst)
    .slice(0, most_pressed)
    .map(({ id }) => id)
}
const most_rows = 3
const most_pressed = 20

const sum = (groups: readonly Group[], of: (group: Group) => number): number => groups.reduce((all, group) => all + of(group), 0)
