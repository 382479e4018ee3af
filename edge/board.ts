/**
 * The board that everybody at the station looks at: which lines stand on it now. It is looked at again when alerts change, at once
 * for what is red or pressed, otherwise soon; ten thousand alerts a minute are a hundred looks, not ten thousand.
 */
import type { Alert } from './domain/alert.ts'
import { groupIdOf, groupsOf } from './domain/alert-groups.ts'
import { type BoardNow, type Memory, nextDueOfBoard, nothingShown, stepBoard } from './domain/annunciator.ts'
import { rank } from './domain/vocabulary.ts'
import type { Clock } from './ports.ts'
import type { State } from './state.ts'

export type OpenBoard = {
  readonly changed: (alert: Alert) => void
  readonly now: () => BoardNow
  /** The open alerts of one group, the newest first. */
  readonly members: (group: string) => readonly Alert[]
  readonly counters: () => Readonly<Record<string, number>>
  /** The clock was set: what was called out lately still was. */
  readonly stepped: (by_ms: number) => void
  readonly close: () => void
}

const soon_ms = 500

export const openBoard = ({
  clock,
  state,
  show
}: {
  readonly clock: Clock
  readonly state: State
  readonly show: (board: BoardNow) => void
}): OpenBoard => {
  let real: Memory = nothingShown
  let drill: Memory = nothingShown
  let board: BoardNow = { lines: [], aside: [], held: 0, called_lately: 0 }
  let pending: { readonly at: number; readonly cancel: () => void } | undefined
  let called_total = 0
  const open = (): Alert[] => [...state.alerts.values()].filter(({ phase, kind }) => phase === 'open' && kind !== 'path')

  const look = (): void => {
    pending?.cancel()
    pending = undefined
    const groups = groupsOf(open())
    const now = clock.now()
    const [first, second] = [stepBoard(real, groups, now), stepBoard(drill, groups, now, true)]
    real = first.memory
    drill = second.memory
    // What is real stands above what is practised.
    board = {
      lines: [...first.board.lines, ...second.board.lines],
      aside: [...first.board.aside, ...second.board.aside],
      held: first.board.held + second.board.held,
      called_lately: first.board.called_lately + second.board.called_lately
    }
    const called = [...first.board.called, ...second.board.called]
    called_total += called.length
    show({ ...board, called })
    const due = [nextDueOfBoard(real, first.board), nextDueOfBoard(drill, second.board)].filter(at => at !== undefined)
    if (due.length > 0) lookAt(Math.max(now + soon_ms, Math.min(...due)))
  }
  const lookAt = (at: number): void => {
    if (pending !== undefined && pending.at <= at) return
    pending?.cancel()
    pending = { at, cancel: clock.wake(at, look) }
  }
  /** Red or pressed, and the board does not say so yet. */
  const isUrgent = (alert: Alert): boolean => {
    if (!alert.active || (alert.severity !== 'red' && alert.kind !== 'panic')) return false
    const memory = alert.drill ? drill : real
    const group = groupIdOf(alert, id => state.alerts.get(id))
    if (alert.kind === 'panic') return alert.raised_at > (memory.pressed.get(group) ?? Number.NEGATIVE_INFINITY)
    return !memory.wall && rank(alert.severity) > rank(memory.shown.get(group) ?? 'green')
  }

  if (open().length > 0) look()
  return {
    changed: alert => {
      if (alert.kind === 'path') return
      if (isUrgent(alert)) look()
      else lookAt(clock.now() + soon_ms)
    },
    now: () => board,
    members: id => [...(groupsOf(open()).find(group => group.id === id)?.members ?? [])].sort((a, b) => b.raised_at - a.raised_at),
    counters: () => ({ alert_lines_called_total: called_total, alert_lines: board.lines.length, alerts_held_back: board.held }),
    stepped: by_ms => {
      real = movedBy(real, by_ms)
      drill = movedBy(drill, by_ms)
      look()
    },
    close: () => pending?.cancel()
  }
}

const movedBy = (memory: Memory, by_ms: number): Memory => ({
  ...memory,
  recent: memory.recent.map(at => at + by_ms),
  apart: memory.apart.map(at => at + by_ms),
  pressed: new Map([...memory.pressed].map(([line, at]) => [line, at + by_ms])),
  ...(memory.flood_called_at !== undefined && { flood_called_at: memory.flood_called_at + by_ms })
})
