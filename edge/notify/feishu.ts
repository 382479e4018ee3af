/** 飞书 custom bot with signature: “自定义机器人使用指南”, open.feishu.cn. */
import { createHmac } from 'node:crypto'
import { Type } from 'typebox'
import { defineChannel } from './channel.ts'
import { byCode, post } from './post.ts'

/** 9499: too many; 11232: more than the group may take just now. */
const later = [9499, 11232]

export default defineChannel({
  label: { 'zh-CN': '飞书群机器人', en: 'Feishu group bot' },
  says: {
    'zh-CN': '向飞书群发消息；需要机器人的地址令牌和签名密钥。',
    en: 'Posts to a Feishu group; needs the bot’s hook token and its signing secret.'
  },
  settings: Type.Object(
    {
      url: Type.String({
        title: 'Address of the bot, without its token',
        default: 'https://open.feishu.cn/open-apis/bot/v2/hook',
        pattern: '^https?://[^@\\s]+$'
      }),
      token_file: Type.String({ title: 'File with the hook’s token', minLength: 1 }),
      secret_file: Type.String({ title: 'File with the signing secret', minLength: 1 })
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'sent',
  open: ({ url, token_file, secret_file }, { clock, secret, station }) => ({
    send: async ({ text }, signal) => {
      const timestamp = String(Math.floor(clock.now() / 1000))
      // Their key is what others sign, and what is signed is nothing.
      const sign = createHmac('sha256', `${timestamp}\n${secret(secret_file)}`)
        .update('')
        .digest('base64')
      const body = JSON.stringify({ timestamp, sign, msg_type: 'text', content: { text: text[station.locale] } })
      return byCode(await post(`${url}/${encodeURIComponent(secret(token_file))}`, { body }, signal), '飞书', 'code', later)
    }
  })
})
