/** Commands from the cloud are carried out once, however often they arrive, and every copy gets the same answer. */
import type { CloudCommand, CommandOutcome, Journal } from '../ports.ts'

const most_remembered = 1_000
/** How far back in the journal a restarted station looks for commands it has carried out already. */
const entries_looked_at = 5_000

export type Orders = {
  readonly obey: (raw: string) => Promise<CommandOutcome | undefined>
  readonly counters: () => { commands_total: number; commands_repeated_total: number; commands_unreadable_total: number }
}

export const openOrders = (journal: Journal, command: (command: CloudCommand) => Promise<CommandOutcome>): Orders => {
  const answers = new Map<string, Promise<CommandOutcome>>()
  const counted = { commands_total: 0, commands_repeated_total: 0, commands_unreadable_total: 0 }
  const remember = (id: string, answer: Promise<CommandOutcome>): void => {
    answers.set(id, answer)
    const oldest = answers.size > most_remembered ? answers.keys().next().value : undefined
    if (oldest !== undefined) answers.delete(oldest)
  }
  // The station journals each command under its id before it answers: a restart between the two must not repeat it.
  for (const { event } of journal.read(Math.max(0, journal.last() - entries_looked_at), entries_looked_at)) {
    if (event.type !== 'command_received') continue
    const { id, refused } = event
    remember(id, Promise.resolve({ id, done: refused === undefined, ...(refused !== undefined && { refused }) }))
  }
  return {
    obey: async raw => {
      const order = read(raw)
      if (order === undefined) {
        counted.commands_unreadable_total++
        return undefined
      }
      const known = answers.get(order.id)
      if (known !== undefined) {
        counted.commands_repeated_total++
        return known
      }
      counted.commands_total++
      const answer = command(order)
      remember(order.id, answer)
      return answer
    },
    counters: () => ({ ...counted })
  }
}

const longest_text = 2_000

const read = (raw: string): CloudCommand | undefined => {
  let said: unknown
  try {
    said = JSON.parse(raw)
  } catch {
    return undefined
  }
  const { id, incident, by, type, unit, text } = (said ?? {}) as Record<string, unknown>
  if (!isText(id) || !isText(incident) || !isText(by)) return undefined
  if (type === 'acknowledge' && isText(unit)) return { id, incident, by, type, unit }
  if (type === 'note' && isText(text)) return { id, incident, by, type, text }
  return undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0 && value.length <= longest_text
