/** Any system that takes JSON over HTTP, signed by “Standard Webhooks” (standardwebhooks.com) so that it can tell us from others. */
import { createHmac } from 'node:crypto'
import { Type } from 'typebox'
import { troubles } from '../domain/words.ts'
import { defineChannel } from './channel.ts'
import { failureOf, json_type, post, secretsMissing, secretsOf } from './post.ts'

/** The specification asks for 24 to 64. */
const least_key_bytes = 24

export default defineChannel({
  label: { 'zh-CN': '通用网络回调', en: 'Generic webhook' },
  says: {
    'zh-CN': '以 JSON 发给任意系统，中英文都有，按 Standard Webhooks 签名；需要双方共有的密钥。',
    en: 'Posts JSON in both languages to any system, signed by Standard Webhooks; needs a secret that both sides know.'
  },
  settings: Type.Object(
    {
      url: Type.String({
        title: 'Address',
        description: 'who takes it; it is never followed to another',
        pattern: '^https?://[^@\\s]+$',
        maxLength: 512,
        examples: ['https://dispatch.example/hook']
      }),
      secret_file: Type.String({
        title: 'File with the secret',
        description: 'whsec_ and at least 24 random bytes in base64',
        minLength: 1,
        examples: ['secrets/webhook']
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
  open: ({ url, secret_file, ca_file }, { clock, secret, station }) => {
    const files = { key: secret_file, ...(ca_file !== undefined && { ca: ca_file }) }
    return {
      well: () => secretsMissing(secret, files),
      // Numbers and addresses of people stay here: the other side knows its own.
      send: async ({ to: _to, cap: _cap, ...data }, signal) => {
        const read = secretsOf(secret, files)
        if ('failed' in read) return read
        const { key: text, ca } = read.texts
        const key = Buffer.from(text.replace(/^whsec_/, ''), 'base64')
        if (key.length < least_key_bytes) return { failed: troubles.bad_secret.en, retry: false }
        const now = clock.now()
        const timestamp = String(Math.floor(now / 1000))
        const { id, name } = station
        const body = JSON.stringify({
          type: `incident.${data.occasion}`,
          timestamp: new Date(now).toISOString(),
          station: { id, name },
          data
        })
        const headers = {
          'content-type': json_type,
          'webhook-id': data.id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${createHmac('sha256', key).update(`${data.id}.${timestamp}.${body}`).digest('base64')}`
        }
        return failureOf(await post(url, { headers, body, ...(ca !== undefined && { ca }) }, signal)) ?? { receipt: 'delivered' }
      }
    }
  }
})
