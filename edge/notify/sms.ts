/** Short messages through any gateway that speaks HTTP: the request is a template, because every gateway has its own. */
import { Type } from 'typebox'
import { defineChannel, type Sent } from './channel.ts'
import { post } from './post.ts'

const encoders = {
  json: (value: string) => JSON.stringify(value).slice(1, -1),
  form: (value: string) => encodeURIComponent(value),
  none: (value: string) => value
} as const

export default defineChannel({
  label: { 'zh-CN': '短信网关', en: 'SMS gateway' },
  says: {
    'zh-CN': '经短信网关逐个发给本组成员的手机；请求按网关的格式填写，可用 {mobile} {text} {id} {secret}。',
    en: 'Sends to the mobile of each member through a gateway; the request is a template with {mobile} {text} {id} {secret}.'
  },
  settings: Type.Object(
    {
      url: Type.String({ title: 'Address of the gateway', pattern: '^https?://[^@\\s]+$', examples: ['https://sms.example/send'] }),
      method: Type.Union([Type.Literal('POST'), Type.Literal('PUT')], { title: 'Method', default: 'POST' }),
      headers: Type.Record(Type.String(), Type.String(), { title: 'Headers; {secret} stands for the secret', default: {} }),
      body: Type.String({ title: 'Body of the request', examples: ['{"phone":"{mobile}","content":"{text}","sn":"{id}"}'] }),
      encoding: Type.Union([Type.Literal('json'), Type.Literal('form')], {
        title: 'How values are written into the body',
        default: 'json'
      }),
      secret_file: Type.Optional(Type.String({ title: 'File with the gateway’s secret', minLength: 1 })),
      well: Type.Optional(Type.String({ title: 'What an accepted answer contains; any 2xx when absent', examples: ['"code":0'] }))
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'sent',
  open: ({ url, method, headers, body, encoding, secret_file, well }, { secret, station }) => {
    const fillIn = (template: string, values: Readonly<Record<string, string>>, encode: (value: string) => string): string =>
      template.replace(/\{(mobile|text|id|secret)\}/g, (_, name: string) => encode(values[name] ?? ''))
    /** Who has it already is not sent it again when another of the unit could not be reached. */
    const reached = new Map<string, Set<string>>()
    return {
      send: async ({ id, text, to }, signal): Promise<Sent> => {
        const mobiles = to.flatMap(({ mobile }) => (mobile === undefined ? [] : [mobile]))
        if (mobiles.length === 0) return { failed: 'nobody of this unit has a mobile number', retry: false }
        const done = reached.get(id) ?? new Set()
        reached.set(id, done)
        if (reached.size > 1000) reached.delete(reached.keys().next().value ?? '')
        const key = secret_file === undefined ? '' : secret(secret_file)
        let failed: Extract<Sent, { failed: string }> | undefined
        for (const mobile of mobiles.filter(one => !done.has(one))) {
          const values = { mobile, text: text[station.locale], id, secret: key }
          const posted = await post(
            url,
            {
              method,
              headers: {
                'content-type': encoding === 'json' ? 'application/json; charset=utf-8' : 'application/x-www-form-urlencoded',
                ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fillIn(value, values, encoders.none)]))
              },
              body: fillIn(body, values, encoders[encoding])
            },
            signal
          )
          if ('failed' in posted) failed = posted
          else if (well !== undefined && !posted.text.includes(well)) failed = { failed: 'the gateway did not accept it', retry: false }
          else done.add(mobile)
        }
        return failed ?? { receipt: 'sent', note: `${done.size}` }
      }
    }
  }
})
