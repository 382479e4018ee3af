/** Short messages through any gateway that speaks HTTP: the request is a template, because every gateway has its own. */
import { type Static, Type } from 'typebox'
import { troubles } from '../domain/words.ts'
import { defineChannel } from './channel.ts'
import { openEach } from './common/each.ts'
import { type Answer, type Failure, failureOf, json_type, post, secretsMissing, secretsOf } from './post.ts'

const blanks = ['mobile', 'text', 'id', 'secret'] as const
type Values = Readonly<Record<(typeof blanks)[number], string>>

/** A value is written so that it cannot end the place where it stands: a quotation mark in a report must not become another field. */
const encoders = { url: encodeURIComponent, form: encodeURIComponent, json: (value: string) => JSON.stringify(value).slice(1, -1) } as const
const fillIn = (template: string, values: Values, encode: (value: string) => string): string =>
  template.replace(/\{(mobile|text|id|secret)\}/g, (_, name: keyof Values) => encode(Buffer.from(values[name]).toString('utf8')))
/** In a header the secret stands as it is; what else stands there may hold no line break. */
const fillInHeader = (template: string, values: Values): string =>
  fillIn(
    template.replaceAll('{secret}', () => values.secret),
    { ...values, secret: '' },
    encodeURIComponent
  )

const Accepted = Type.Object(
  {
    path: Type.Optional(
      Type.String({
        title: 'Where in a JSON answer it is said',
        description: 'names and numbers with dots between; the whole answer when absent',
        pattern: '^[^.\\s]+(\\.[^.\\s]+)*$',
        examples: ['SendStatusSet.0.Code']
      })
    ),
    matches: Type.String({
      title: 'What stands there when it was accepted',
      description: 'a regular expression',
      format: 'regex',
      minLength: 1,
      examples: ['^(0|OK)$']
    }),
    again: Type.Optional(
      Type.String({
        title: 'What stands there when it may be tried again later',
        description: 'a regular expression; anything else is not tried again',
        format: 'regex',
        minLength: 1,
        examples: ['^(busy|LIMIT)$']
      })
    )
  },
  {
    title: 'How an accepted message is known',
    description: 'any status from 200 to 299 when absent',
    examples: [{ path: 'code', matches: '^0$' }],
    additionalProperties: false
  }
)

export default defineChannel({
  label: { 'zh-CN': '短信网关', en: 'SMS gateway' },
  says: {
    'zh-CN': '经短信网关逐个发给本组成员的手机；请求按网关的格式填写，可用 {mobile} {text} {id} {secret}。',
    en: 'Sends to the mobile of each member through a gateway; the request is a template with {mobile} {text} {id} {secret}.'
  },
  settings: Type.Object(
    {
      url: Type.String({
        title: 'Address of the gateway',
        description: 'blanks may stand behind the host; they are percent-encoded',
        pattern: '^https?://[^@\\s/?#{}]+([/?#]\\S*)?$',
        maxLength: 1024,
        examples: ['https://sms.example/send']
      }),
      method: Type.Union([Type.Literal('POST'), Type.Literal('PUT'), Type.Literal('GET')], {
        title: 'Method',
        description: 'GET has no body',
        default: 'POST',
        examples: ['POST']
      }),
      headers: Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }), Type.String(), {
        title: 'Headers',
        description: '{secret} stands for the secret',
        default: {},
        examples: [{ authorization: 'Bearer {secret}' }]
      }),
      body: Type.String({
        title: 'Body of the request',
        description: 'as the gateway’s manual has it, with blanks',
        default: '',
        examples: ['{"phone":"{mobile}","content":"{text}","sn":"{id}"}']
      }),
      encoding: Type.Union([Type.Literal('json'), Type.Literal('form')], {
        title: 'What the body is',
        description: 'values are written into it accordingly',
        default: 'json',
        examples: ['json']
      }),
      most_characters: Type.Integer({
        title: 'Longest text, characters',
        description: 'the rest is cut off; 70 are one message, more are charged as several',
        default: 300,
        minimum: 20,
        maximum: 2000,
        examples: [300]
      }),
      secret_file: Type.Optional(
        Type.String({
          title: 'File with the gateway’s secret',
          description: 'what {secret} becomes',
          minLength: 1,
          examples: ['secrets/sms']
        })
      ),
      accepted: Type.Optional(Accepted)
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'sent',
  open: ({ url, method, headers, body, encoding, most_characters, secret_file, accepted }, { secret, station }) => {
    const files: Record<string, string> = secret_file === undefined ? {} : { secret: secret_file }
    const judge = judgeOf(accepted)
    const toEach = openEach()
    const usual = encoding === 'json' ? json_type : 'application/x-www-form-urlencoded; charset=utf-8'
    return {
      at_once: 2,
      within_s: 30,
      well: () => secretsMissing(secret, files),
      send: async ({ id, text, to }, signal) => {
        const mobiles = to.flatMap(({ mobile }) => (mobile === undefined ? [] : [mobile]))
        if (mobiles.length === 0) return { failed: troubles.no_mobile.en, retry: false }
        const read = secretsOf(secret, files)
        if ('failed' in read) return read
        const words = [...text[station.locale]].slice(0, most_characters).join('')
        return toEach(id, [...new Set(mobiles)], async mobile => {
          const values = { mobile, text: words, id, secret: read.texts.secret ?? '' }
          const filled = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), fillInHeader(value, values)] as const)
          return judge(
            await post(
              fillIn(url, values, encoders.url),
              { method, headers: { 'content-type': usual, ...Object.fromEntries(filled) }, body: fillIn(body, values, encoders[encoding]) },
              signal
            )
          )
        })
      }
    }
  }
})

/** Nothing when the gateway has accepted it. What stands in its answer is never repeated: it may hold the number. */
const judgeOf = (accepted: Static<typeof Accepted> | undefined): ((posted: Answer | Failure) => Failure | undefined) => {
  if (accepted === undefined) return failureOf
  const { path, matches, again } = accepted
  const [well, busy] = [new RegExp(matches), again === undefined ? undefined : new RegExp(again)]
  return posted => {
    const failure = failureOf(posted)
    if (failure?.retry || 'failed' in posted) return failure
    const said = path === undefined ? posted.text : valueAt(posted.text, path.split('.'))
    if (said !== undefined && busy?.test(said)) return { failed: troubles.they_refused.en, retry: true }
    if (failure !== undefined) return failure
    if (said === undefined) return { failed: troubles.not_understood.en, retry: false }
    return well.test(said) ? undefined : { failed: troubles.they_refused.en, retry: false }
  }
}

const valueAt = (text: string, path: readonly string[]): string | undefined => {
  try {
    const found = path.reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined,
      JSON.parse(text)
    )
    return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : undefined
  } catch {
    return undefined
  }
}
