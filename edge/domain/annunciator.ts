/**
 * What the board may call out, whatever happens: at most ten lines in ten minutes, and every press of a button on top of them.
 *
 * ISA-18.2 calls more than ten alarms in ten minutes a flood: nobody reads the eleventh. So groups become lines: one danger in more
 * than three zones is one line that names them, more than three red places are one line above all, and what is neither red nor
 * pressed is called out five times in ten minutes (EEMUA 191: one in two minutes is already too much to work by); what comes above
 * that is held back in one line that counts and lists it, and comes out by itself, the gravest first. Red and pressed are never held.
 */
import { window_ms } from './alarm-rate.ts'
import type { Group } from './alert-groups.ts'
import { type IncidentKind, rank, type Severity, worse } from './vocabulary.ts'

export const lines = { called_in_window: 5, red_apart: 3, zones_apart: 3 } as const

export type LineBy = 'group' | 'kind' | 'wall' | 'held'
export type Line = {
  readonly id: string
  readonly by: LineBy
  readonly severity: Severity
  /** The gravest first. A line of one group stands for it. */
  readonly groups: readonly Group[]
}
export type Board = {
  /** The order in which a person should read. */
  readonly lines: readonly Line[]
  /** Put aside by people. */
  readonly aside: readonly Group[]
  /** Lines called out by this step: new, or grave in a new way. */
  readonly called: readonly string[]
  /** Held back: there, listed, not called out. */
  readonly held: number
  /** Called out within the last ten minutes. */
  readonly called_lately: number
}

/** What everybody sees: the real lines above those of an exercise. */
export type BoardNow = Pick<Board, 'lines' | 'aside' | 'held' | 'called_lately'> & { readonly called?: readonly string[] }

export type Memory = {
  readonly shown: ReadonlyMap<string, Severity>
  /** When lines were called out: those that count against the five, and the others. */
  readonly recent: readonly number[]
  readonly apart: readonly number[]
  /** The newest press that each line has called out. */
  readonly pressed: ReadonlyMap<string, number>
  readonly wall: boolean
  readonly folded: ReadonlySet<IncidentKind>
  readonly flood_called_at?: number
}
/** More than this in ten minutes are said to be this many. */
const most_remembered = 500
export const nothingShown: Memory = { shown: new Map(), recent: [], apart: [], pressed: new Map(), wall: false, folded: new Set() }

/** `of_drill`: an exercise has its own ten, so that it can never hold back what is real. */
export const stepBoard = (memory: Memory, groups: readonly Group[], now: number, of_drill = false): { memory: Memory; board: Board } => {
  const side = of_drill ? 'drill ' : ''
  const mine = groups.filter(({ drill }) => drill === of_drill)
  const aside = mine.filter(({ by }) => by === 'aside')
  const pressed = mine.filter(({ by }) => by === 'pressed').map(lineOf)
  const rest = mine.filter(({ by }) => by !== 'pressed' && by !== 'aside')
  const red = rest.filter(({ severity }) => severity === 'red')
  // Once a wall, it stays one until it is down to a single place: a line that splits and joins would call out each time.
  const wall = memory.wall ? red.length > 1 : red.length > lines.red_apart
  const redLines = wall ? [together(`${side}wall`, 'wall', red)] : red.map(lineOf)
  const { folded, made } = foldedByKind(
    rest.filter(({ severity }) => severity !== 'red'),
    memory.folded,
    side
  )

  const recent = memory.recent.filter(at => now - at < window_ms)
  const apart = memory.apart.filter(at => now - at < window_ms)
  const called: string[] = []
  const callOut = (id: string, into: number[]): void => {
    called.push(id)
    into.push(now)
  }
  for (const line of pressed) if (pressedAt(line) > (memory.pressed.get(line.id) ?? Number.NEGATIVE_INFINITY)) callOut(line.id, apart)
  for (const line of redLines) if (rank(line.severity) > rank(memory.shown.get(line.id) ?? 'green')) callOut(line.id, apart)
  const shown: Line[] = []
  const held: Group[] = []
  for (const line of made.sort(gravestFirst)) {
    const before = memory.shown.get(line.id)
    const room = recent.length < lines.called_in_window
    if (before === undefined && !room) held.push(...line.groups)
    else {
      shown.push(line)
      if (room && rank(line.severity) > rank(before ?? 'green')) callOut(line.id, recent)
    }
  }
  const flood = held.length > 0 ? [together(`${side}held`, 'held', held)] : []
  const again = memory.flood_called_at === undefined || now - memory.flood_called_at >= window_ms
  if (flood[0] !== undefined && again) callOut(flood[0].id, apart)
  const board = [...pressed, ...redLines.sort(gravestFirst), ...shown.sort(gravestFirst), ...flood]
  const flood_called_at = flood.length > 0 && again ? now : memory.flood_called_at
  return {
    memory: {
      shown: new Map(board.filter(({ by }) => by !== 'held').map(({ id, severity }) => [id, calledAs(severity, memory.shown.get(id))])),
      recent,
      apart: apart.slice(-most_remembered),
      pressed: new Map(pressed.map(line => [line.id, pressedAt(line)])),
      wall,
      folded,
      ...(flood_called_at !== undefined && { flood_called_at })
    },
    board: {
      lines: board,
      aside,
      called,
      held: held.reduce((sum, { members }) => sum + members.length, 0),
      called_lately: recent.length + apart.length
    }
  }
}

/** When a line that is held may come out, although nothing happens. */
export const nextDueOfBoard = ({ recent }: Memory, board: Board): number | undefined => {
  const [oldest] = recent
  return board.held > 0 && oldest !== undefined ? oldest + window_ms : undefined
}

/** What trembles below red has been called out; red that has gone and comes again is a new danger under an old line. */
const calledAs = (severity: Severity, before: Severity = severity): Severity =>
  before === 'red' && severity !== 'red' ? 'orange' : worse(severity, before)

const pressedAt = ({ groups: [group] }: Line): number => Math.max(...(group?.members ?? []).slice(-1000).map(({ raised_at }) => raised_at))

const foldedByKind = (groups: readonly Group[], before: ReadonlySet<IncidentKind>, side: string) => {
  const kinds = new Map<IncidentKind, Group[]>()
  const made: Line[] = []
  for (const group of groups) {
    if (group.by === 'place') kinds.set(group.kind, [...(kinds.get(group.kind) ?? []), group])
    else made.push(lineOf(group))
  }
  const folded = new Set<IncidentKind>()
  for (const [kind, those] of kinds) {
    const fold = those.length > (before.has(kind) ? 1 : lines.zones_apart)
    if (fold) folded.add(kind)
    made.push(...(fold ? [together(`${side}kind:${kind}`, 'kind', those)] : those.map(lineOf)))
  }
  return { folded, made }
}

const lineOf = (group: Group): Line => ({ id: group.id, by: 'group', severity: group.severity, groups: [group] })
const together = (id: string, by: LineBy, groups: readonly Group[]): Line => {
  const sorted = [...groups].sort((a, b) => rank(b.severity) - rank(a.severity) || b.head.raised_at - a.head.raised_at)
  return { id, by, severity: sorted[0]?.severity ?? 'blue', groups: sorted }
}
const gravestFirst = (a: Line, b: Line): number =>
  rank(b.severity) - rank(a.severity) || (b.groups[0]?.head.raised_at ?? 0) - (a.groups[0]?.head.raised_at ?? 0)
