/**
 * The pace at which screens are told: in a storm each alert and incident is told once in a while as it then is, not at every step,
 * and what is red or pressed goes ahead. What goes ahead carries the id of the last that was told in its turn, so that a screen
 * which comes back hears everything after that again and misses nothing.
 */
import type { Alert } from '../domain/alert.ts'
import type { Incident } from '../domain/incident.ts'
import type { LiveMessage } from '../ports.ts'

export type Pacing = { readonly say: (message: LiveMessage) => void; readonly waiting: () => number; readonly close: () => void }

const turn_ms = 100
const a_turn = 50
/** Red ones that go ahead in a turn; a press always does. */
const ahead_a_turn = 20

export const openPacing = (tell: (message: LiveMessage) => void): Pacing => {
  /** By subject, in the order of their newest step: as many as there are open alerts and incidents. */
  const waiting = new Map<string, LiveMessage>()
  let told = 0
  let ahead = 0
  let last: string | undefined
  let timer: NodeJS.Timeout | undefined

  const inTurn = (message: LiveMessage): void => {
    told++
    last = message.id
    tell(message)
  }
  const turn = (): void => {
    told = ahead = 0
    for (const [subject, message] of waiting) {
      if (told >= a_turn) break
      waiting.delete(subject)
      inTurn(message)
    }
    timer = waiting.size > 0 || told > 0 ? setTimeout(turn, turn_ms) : undefined
  }

  return {
    say: message => {
      timer ??= setTimeout(turn, turn_ms)
      if (message.type !== 'alert' && message.type !== 'incident') {
        // True just now and no step of anything: it may go at once, but must not claim what still waits.
        tell(waiting.size > 0 && last !== undefined ? { ...message, id: last } : message)
        return
      }
      const { id, kind, severity } = message.data as Alert | Incident
      if (waiting.size === 0 && told < a_turn) return inTurn(message)
      waiting.delete(id)
      if (last !== undefined && (kind === 'panic' || (severity === 'red' && ahead < ahead_a_turn))) {
        ahead++
        tell({ ...message, id: last })
      } else waiting.set(id, message)
    },
    waiting: () => waiting.size,
    close: () => clearTimeout(timer)
  }
}
