/** Any system that takes JSON over HTTP, signed by the Standard Webhooks specification so that it can tell us from others. */
import { createHmac } from 'node:crypto'
import { Type } from 'typebox'
import { defineChannel } from './channel.ts'
import { post } from './post.ts'

export default defineChannel({
  label: { 'zh-CN': '通用网络回调', en: 'Generic webhook' },
  says: {
    'zh-CN': '以 JSON 发给任意系统，按 Standard Webhooks 签名；需要双方共有的密钥。',
    en: 'Posts JSON to any system, signed by Standard Webhooks; needs a secret that both sides know.'
  },
  settings: Type.Object(
    {
      url: Type.String({ title: 'Address', pattern: '^https?://[^@\\s]+$', examples: ['https://dispatch.example/hook'] }),
      secret_file: Type.String({ title: 'File with the secret (whsec_… in base64)', minLength: 1 })
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'delivered',
  open: ({ url, secret_file }, { clock, secret, station }) => ({
    send: async ({ to: _, cap: _cap, ...message }, signal) => {
      const timestamp = String(Math.floor(clock.now() / 1000))
      const body = JSON.stringify({ type: 'incident.called', timestamp: new Date(clock.now()).toISOString(), station, data: message })
      const key = Buffer.from(secret(secret_file).replace(/^whsec_/, ''), 'base64')
      const signature = createHmac('sha256', key).update(`${message.id}.${timestamp}.${body}`).digest('base64')
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'webhook-id': message.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`
      }
      const posted = await post(url, { headers, body }, signal)
      return 'failed' in posted ? posted : { receipt: 'delivered' }
    }
  })
})
