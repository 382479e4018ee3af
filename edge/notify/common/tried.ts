/** One try of one channel: whatever the channel does, hang, throw or answer, it ends within its time and says what came of it. */
import { troubles } from '../../domain/words.ts'
import type { Message, OpenChannel, Sent } from '../channel.ts'

const words_of_an_error = 200

export const tried = async (channel: OpenChannel, message: Message, closing: AbortSignal, within_ms: number): Promise<Sent> => {
  // By hand and not by AbortSignal.any: a signal that lives as long as the station must not gather one listener a try.
  const ending = new AbortController()
  const end = (): void => ending.abort()
  closing.addEventListener('abort', end, { once: true })
  const timer = setTimeout(end, within_ms)
  if (closing.aborted) end()
  const late = new Promise<Sent>(resolve =>
    ending.signal.addEventListener('abort', () => resolve({ failed: troubles.no_answer.en, retry: true }), { once: true })
  )
  const sending = Promise.resolve()
    .then(() => channel.send(message, ending.signal))
    .catch((error: Error): Sent => ({ failed: error.message.slice(0, words_of_an_error), retry: true }))
  try {
    return await Promise.race([sending, late])
  } finally {
    clearTimeout(timer)
    closing.removeEventListener('abort', end)
  }
}
