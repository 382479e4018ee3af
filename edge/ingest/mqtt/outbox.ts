/**
 * The station's own words on their way to subscribers: a few a turn of the event loop, so that a storm of alerts neither delays a
 * device's message nor grows without end. The oldest are let go first; retained words are kept apart and are never stale.
 */
export type Word = { readonly topic: string; readonly payload: Buffer }

const turn_messages = 200
const turn_bytes = 1024 * 1024

type Options = { readonly messages: number; readonly bytes: number; readonly send: (word: Word) => void; readonly letGo: () => void }

export const openOutbox = ({ messages, bytes, send, letGo }: Options): ((word: Word) => void) => {
  const waiting: Word[] = []
  let waiting_bytes = 0
  let left_messages = turn_messages
  let left_bytes = turn_bytes
  let scheduled = false

  const pass = (word: Word): void => {
    left_messages -= 1
    left_bytes -= word.payload.length
    send(word)
  }
  const nextTurn = (): void => {
    if (scheduled) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      left_messages = turn_messages
      left_bytes = turn_bytes
      let sent = 0
      for (const word of waiting) {
        if (left_messages <= 0 || left_bytes <= 0) break
        waiting_bytes -= word.payload.length
        sent++
        pass(word)
      }
      waiting.splice(0, sent)
      if (waiting.length > 0) nextTurn()
    })
  }

  return word => {
    nextTurn()
    if (waiting.length === 0 && left_messages > 0 && left_bytes > 0) return pass(word)
    waiting.push(word)
    waiting_bytes += word.payload.length
    while (waiting.length > messages || (waiting_bytes > bytes && waiting.length > 1)) {
      waiting_bytes -= waiting.shift()?.payload.length ?? 0
      letGo()
    }
  }
}
