/**
 * The pace at which screens are told: in a storm each alert and incident is told once in a while as it then is, not at every step,
 * and what is red or pressed goes ahead. Whoever waits keeps its place while it changes. What is told carries the id of the last
 * step before the oldest that still waits, so that a screen which comes back hears everything after that again and misses nothing.
 */
import type { Alert } from '../domain/alert.ts'
import type { Incident } from '../domain/incident.ts'
import type { LiveMessage } from '../ports.ts'

export type Pacing = { readonly say: (message: LiveMessage) => void; readonly waiting: () => number; readonly close: () => void }

const turn_ms = 100
const a_turn = 50
/** Red ones told at once between two turns; a press always is. */
const ahead_a_turn = 20
/** Red ones at the head of a turn: a wall of red leaves room for the rest. */
const red_a_turn = 40

export const openPacing = (tell: (message: LiveMessage) => void): Pacing => {
  /** By subject, in the order of their newest step: as many as there are open alerts and incidents. */
  const waiting = new Map<string, { readonly message: LiveMessage; readonly before: string }>()
  /** The same subjects in the order in which they began to wait: red incidents, which ring, then red alerts, then all others. */
  const [bells, red, rest] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const queues = [bells, red, rest]
  let told = 0
  let ahead = 0
  let said = ''
  let timer: NodeJS.Timeout | undefined

  /** Up to here everything has been told, or will be told as it is by then. */
  const heardTo = (): string => {
    const [oldest] = waiting.values()
    return oldest === undefined ? said : oldest.before
  }
  const tellNow = (message: LiveMessage): void => tell({ ...message, id: heardTo() })
  const tellFrom = (queue: Set<string>, most: number): void => {
    for (const subject of queue) {
      if (told >= most) return
      const step = waiting.get(subject)
      queue.delete(subject)
      waiting.delete(subject)
      told++
      if (step !== undefined) tellNow(step.message)
    }
  }
  const turn = (): void => {
    told = ahead = 0
    tellFrom(bells, red_a_turn)
    tellFrom(red, red_a_turn)
    for (const queue of [rest, bells, red]) tellFrom(queue, a_turn)
    timer = waiting.size > 0 || told > 0 ? setTimeout(turn, turn_ms) : undefined
  }
  const goesNow = (kind: string, isRed: boolean): boolean => {
    if (waiting.size === 0 && told < a_turn) {
      told++
      return true
    }
    return kind === 'panic' || (isRed && ahead++ < ahead_a_turn)
  }

  return {
    say: message => {
      timer ??= setTimeout(turn, turn_ms)
      // True just now and no step of anything: it may go at once, but must not claim what still waits.
      if (message.type !== 'alert' && message.type !== 'incident') return waiting.size > 0 ? tellNow(message) : tell(message)
      const { id, kind, severity } = message.data as Alert | Incident
      const before = said
      said = message.id
      const queue = severity !== 'red' ? rest : message.type === 'incident' ? bells : red
      const now = goesNow(kind, severity === 'red')
      waiting.delete(id)
      for (const one of queues) if (now || one !== queue) one.delete(id)
      if (now) return tellNow(message)
      waiting.set(id, { message, before })
      queue.add(id)
    },
    waiting: () => waiting.size,
    close: () => clearTimeout(timer)
  }
}
