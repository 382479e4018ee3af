/** A screen without a browser: what a station says to it on /api/live, with the moment at which each message came. */
import { until } from './until.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came
export type HeardLive = { readonly type: string; readonly at: number; readonly data: any }
export type Ear = { readonly heard: HeardLive[]; readonly leave: () => void }

/** Resolves when the snapshot has come. */
export const hearLive = async (url: string, cookie: string, onMessage: (message: HeardLive) => void = () => {}): Promise<Ear> => {
  const leaving = new AbortController()
  const answer = await fetch(`${url}/api/live`, { headers: { cookie }, signal: leaving.signal })
  if (!answer.ok || answer.body === null) throw new Error(`GET /api/live: ${answer.status}`)
  const heard: HeardLive[] = []
  const read = async (stream: ReadableStream<string>): Promise<void> => {
    let rest = ''
    for await (const chunk of stream) {
      const parts = (rest + chunk).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        const type = /^event: (.*)$/m.exec(part)?.[1]
        const data = /^data: (.*)$/m.exec(part)?.[1]
        if (type === undefined || data === undefined) continue
        const message = { type, at: Date.now(), data: JSON.parse(data) }
        heard.push(message)
        onMessage(message)
      }
    }
  }
  read(answer.body.pipeThrough(new TextDecoderStream())).catch(cause => {
    // Leaving is how it ends; a station that ends the stream first is seen by whoever awaits the next message.
    if (!leaving.signal.aborted) heard.push({ type: 'lost', at: Date.now(), data: String(cause) })
  })
  await until(() => heard.length > 0, 'the snapshot')
  return { heard, leave: () => leaving.abort() }
}
