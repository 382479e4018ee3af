/** Another station or a city platform, called in the words that systems share: the CAP document, posted to its `/api/cap`. */
import { Type } from 'typebox'
import { troubles } from '../domain/words.ts'
import { defineChannel, type Message, type Sent } from './channel.ts'
import { type Answer, type Failure, failureOf, post, secretsMissing, secretsOf } from './post.ts'

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
        description: 'of another station: its /api/cap',
        pattern: '^https?://[^@\\s]+$',
        maxLength: 512,
        examples: ['https://station-2.example/api/cap']
      }),
      token_file: Type.String({
        title: 'File with the token',
        description: 'which the other side has given',
        minLength: 1,
        examples: ['secrets/station-2']
      }),
      sender: Type.Optional(
        Type.String({
          title: 'What the other side calls itself in CAP',
          description: 'answers to its calls go back by this channel',
          maxLength: 256,
          examples: ['station-2@qianshao.local']
        })
      ),
      form: Type.Union([Type.Literal('xml'), Type.Literal('json')], {
        default: 'xml',
        title: 'Form of the message',
        description: 'the document itself, or wrapped in JSON with the incident’s number',
        examples: ['xml']
      }),
      ca_file: Type.Optional(
        Type.String({
          title: 'Authority that signed the other side’s certificate (PEM)',
          description: 'when it is none of those that every system knows',
          minLength: 1,
          examples: ['certificates/city-ca.pem']
        })
      )
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'delivered',
  open: ({ url, token_file, form, ca_file }, { station, secret }) => {
    const files: Record<string, string> = { token: token_file, ...(ca_file !== undefined && { ca: ca_file }) }
    const xml = form === 'xml'
    return {
      well: () => secretsMissing(secret, files),
      send: async (message, signal) => {
        if (message.cap === undefined) return { failed: troubles.no_cap.en, retry: false }
        const read = secretsOf(secret, files)
        if ('failed' in read) return read
        const { token, ca } = read.texts
        const body = xml ? message.cap : JSON.stringify(wrapped(message, message.cap, station.id))
        const headers = {
          authorization: `Bearer ${token}`,
          'content-type': xml ? 'application/cap+xml; charset=utf-8' : 'application/json'
        }
        return outcomeOf(await post(url, { headers, body, ...(ca !== undefined && { ca }) }, signal))
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

/** Of their words only a code is repeated: a sentence of theirs could hold anything. */
export const outcomeOf = (posted: Answer | Failure): Sent => {
  const failure = failureOf(posted)
  if (failure === undefined) return { receipt: 'delivered' }
  const [, code] = ('text' in posted && /"code"\s*:\s*"([a-z_]{1,40})"/.exec(posted.text)) || []
  return code === undefined ? failure : { ...failure, failed: `${failure.failed} ${code}` }
}
