/** 钉钉 custom robot with signature: “自定义机器人的安全设置”, open.dingtalk.com. */
import { createHmac } from 'node:crypto'
import { Type } from 'typebox'
import { defineChannel } from './channel.ts'
import { byCode, post } from './post.ts'

/** 130101: more than 20 messages a minute; -1: busy. */
const later = [130101, -1]

export default defineChannel({
  label: { 'zh-CN': '钉钉群机器人', en: 'DingTalk group robot' },
  says: {
    'zh-CN': '向钉钉群发消息并提醒成员；需要机器人的令牌和加签密钥。',
    en: 'Posts to a DingTalk group and calls its members; needs the robot’s token and its signing secret.'
  },
  settings: Type.Object(
    {
      url: Type.String({ title: 'Address of the robot', default: 'https://oapi.dingtalk.com/robot/send', pattern: '^https?://[^@\\s]+$' }),
      token_file: Type.String({ title: 'File with the access token', minLength: 1 }),
      secret_file: Type.String({ title: 'File with the signing secret (SEC…)', minLength: 1 })
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'sent',
  open: ({ url, token_file, secret_file }, { clock, secret, station }) => ({
    send: async ({ title, text, to }, signal) => {
      const timestamp = clock.now()
      const key = secret(secret_file)
      const sign = createHmac('sha256', key).update(`${timestamp}\n${key}`).digest('base64')
      const address = new URL(url)
      address.searchParams.set('access_token', secret(token_file))
      address.searchParams.set('timestamp', String(timestamp))
      address.searchParams.set('sign', sign)
      const atMobiles = to.flatMap(({ mobile }) => (mobile === undefined ? [] : [mobile]))
      const { locale } = station
      // Only those whose number stands in the text are rung.
      const mentioned = atMobiles.map(mobile => `@${mobile}`).join(' ')
      const body = JSON.stringify({
        msgtype: 'markdown',
        markdown: { title: title[locale], text: `### ${title[locale]}\n\n${text[locale].replaceAll('\n', '\n\n')}\n\n${mentioned}` },
        at: { atMobiles, isAtAll: false }
      })
      return byCode(await post(address.href, { body }, signal), '钉钉', 'errcode', later)
    }
  })
})
