/** 飞书 custom bot with signature: “自定义机器人使用指南” (card, signature, limits), open.feishu.cn. */
import { createHmac } from 'node:crypto'
import { Type } from 'typebox'
import { defineChannel, type Message } from './channel.ts'
import { fit, withoutTitle } from './common/text.ts'
import { byCode, post, secretsMissing, secretsOf } from './post.ts'

/**
 * 11232, 230020 and 99991400: too many. 9499 is “too many requests” and “Bad Request” both, so it is tried again until its time is over.
 * Of the others 19021 is a bad signature or an old timestamp, 19024 a missing keyword.
 */
const later = [9499, 11232, 230020, 99991400]
/** The whole request may have 20 KB. */
const most_bytes = 12_000

export default defineChannel({
  label: { 'zh-CN': '飞书群机器人', en: 'Feishu group bot' },
  says: {
    'zh-CN': '向飞书群发消息卡片；需要机器人的地址令牌和签名密钥。',
    en: 'Posts a card to a Feishu group; needs the bot’s hook token and its signing secret.'
  },
  settings: Type.Object(
    {
      url: Type.String({
        title: 'Address of the bot',
        description: 'without the token at its end; another one for a private deployment',
        default: 'https://open.feishu.cn/open-apis/bot/v2/hook',
        pattern: '^https?://[^@\\s?#]+[^@\\s?#/]$',
        maxLength: 512,
        examples: ['https://open.feishu.cn/open-apis/bot/v2/hook']
      }),
      token_file: Type.String({
        title: 'File with the hook’s token',
        description: 'what stands behind /hook/ in the bot’s Webhook address',
        minLength: 1,
        examples: ['secrets/feishu-token']
      }),
      secret_file: Type.String({
        title: 'File with the signing secret',
        description: 'what 飞书 shows under 签名校验',
        minLength: 1,
        examples: ['secrets/feishu-secret']
      })
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'sent',
  open: ({ url, token_file, secret_file }, { clock, secret, station }) => ({
    well: () => secretsMissing(secret, { token_file, secret_file }),
    send: async (message, signal) => {
      const read = secretsOf(secret, { token: token_file, key: secret_file })
      if ('failed' in read) return read
      const { token, key } = read.texts
      const timestamp = String(Math.floor(clock.now() / 1000))
      // Their key is what others sign, and what is signed is nothing.
      const sign = createHmac('sha256', `${timestamp}\n${key}`).digest('base64')
      const body = JSON.stringify({ timestamp, sign, msg_type: 'interactive', card: cardOf(message, station.locale) })
      return byCode(await post(`${url}/${encodeURIComponent(token)}`, { body }, signal), 'code', later)
    }
  })
})

const answer = { 'zh-CN': '去签收', en: 'Answer' } as const

/** Plain text throughout: what a passer-by has reported stands in it, and must not ring everybody by `<at …>`. The colours are ours by name. */
const cardOf = ({ title, text, severity, occasion, url }: Message, locale: keyof typeof answer): object => ({
  config: { wide_screen_mode: true },
  header: { template: occasion === 'over' ? 'green' : severity, title: { tag: 'plain_text', content: title[locale] } },
  elements: [
    { tag: 'div', text: { tag: 'plain_text', content: fit(withoutTitle(text[locale], title[locale]), most_bytes) } },
    ...(url === undefined || occasion === 'over'
      ? []
      : [{ tag: 'action', actions: [{ tag: 'button', type: 'primary', url, text: { tag: 'plain_text', content: answer[locale] } }] }])
  ]
})
