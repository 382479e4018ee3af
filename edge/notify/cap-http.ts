/** Another station or a city platform, called in the words that systems share: the CAP document, posted to its `/api/cap`. */
import { readFileSync } from 'node:fs'
import { type IncomingMessage, request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { Type } from 'typebox'
import { defineChannel, type Message, type Sent } from './channel.ts'

/** Of their answer this much is read; the rest is not waited for. */
const answer_bytes = 4_096
const longest_wait_ms = 3_600_000

export default defineChannel({
  label: { 'zh-CN': '邻站和市级平台（CAP）', en: 'Other stations and the city (CAP)' },
  says: {
    'zh-CN': '把 CAP 1.2 文档发到对方的 /api/cap；需要对方给的令牌。',
    en: 'Posts the CAP 1.2 document to the other side’s /api/cap; needs a token that the other side has given.'
  },
  settings: Type.Object(
    {
      url: Type.String({
        title: 'Address that takes CAP',
        pattern: '^https?://[^@\\s]+$',
        maxLength: 512,
        examples: ['https://station-2.example/api/cap']
      }),
      token_file: Type.String({ title: 'File with the token that the other side has given', minLength: 1 }),
      sender: Type.Optional(
        Type.String({ title: 'What the other side calls itself in CAP; answers to its calls go back by this channel', maxLength: 256 })
      ),
      form: Type.Union([Type.Literal('xml'), Type.Literal('json')], {
        default: 'xml',
        title: 'The document itself, or wrapped in JSON with the incident’s number'
      }),
      ca_file: Type.Optional(Type.String({ title: 'Authority that signed the other side’s certificate (PEM)', minLength: 1 }))
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'delivered',
  open: ({ url, token_file, form, ca_file }, { station, secret }) => {
    const address = new URL(url)
    const ca = ca_file === undefined ? undefined : readFileSync(ca_file)
    return {
      send: (message, signal) => {
        if (message.cap === undefined) return Promise.resolve({ failed: 'there is no CAP document for this', retry: false })
        const xml = form === 'xml'
        const body = Buffer.from(xml ? message.cap : JSON.stringify(wrapped(message, message.cap, station.id)))
        const headers = {
          // Read anew each time: a token that was changed is used at once.
          authorization: `Bearer ${secret(token_file)}`,
          'content-type': xml ? 'application/cap+xml; charset=utf-8' : 'application/json',
          'content-length': body.length
        }
        return post(address, body, headers, ca, signal)
      }
    }
  }
})

const wrapped = ({ id, incident, kind, severity, drill }: Message, cap: string, station: string): object => ({
  id,
  station,
  incident,
  kind,
  severity,
  drill,
  cap
})

const post = (
  address: URL,
  body: Buffer,
  headers: Record<string, string | number>,
  ca: Buffer | undefined,
  signal: AbortSignal
): Promise<Sent> =>
  new Promise(resolve => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const why = signal.aborted ? 'no answer in time' : `not reached: ${error.code ?? 'unknown error'}`
      resolve({ failed: why, retry: true })
    }
    const options = { method: 'POST', headers, signal, agent: false as const }
    const answered = (answer: IncomingMessage): void => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
        if (text.length > answer_bytes) answer.destroy()
      })
      answer.on('error', failed)
      answer.on('close', () => resolve(outcomeOf(answer.statusCode ?? 0, answer.headers['retry-after'], text)))
    }
    const asked =
      address.protocol === 'https:' ? secure(address, { ...options, ...(ca && { ca }) }, answered) : plain(address, options, answered)
    asked.on('error', failed)
    asked.end(body)
  })

/** Of their words only a code is repeated: a sentence of theirs could hold anything. */
export const outcomeOf = (status: number, retry_after: string | undefined, text: string): Sent => {
  if (status >= 200 && status < 300) return { receipt: 'delivered' }
  const [, code] = /"code"\s*:\s*"([a-z_]{1,40})"/.exec(text) ?? []
  const failed = `they answered ${status}${code === undefined ? '' : ` ${code}`}`
  const retry = status >= 500 || status === 408 || status === 425 || status === 429
  const seconds = Number(retry_after)
  return { failed, retry, ...(retry && seconds > 0 && { after_ms: Math.min(seconds * 1000, longest_wait_ms) }) }
}
