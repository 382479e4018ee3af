/** 钉钉 custom robot with signature: “自定义机器人接入” and “自定义机器人的安全设置”, open.dingtalk.com. */
import { createHmac } from 'node:crypto'
import { Type } from 'typebox'
import { defineChannel } from './channel.ts'
import { fit, unmarked, withoutTitle } from './common/text.ts'
import { byCode, post, secretsMissing, secretsOf } from './post.ts'

/** 130101 and 410100: more than 20 messages a minute; -1: busy. Of the others 310000 is a bad signature, address or keyword. */
const later = [130101, 410100, -1]
/** The whole message may have 20,000 bytes. */
const most_bytes = 12_000

export default defineChannel({
  label: { 'zh-CN': '钉钉群机器人', en: 'DingTalk group robot' },
  says: {
    'zh-CN': '向钉钉群发消息并提醒成员；需要机器人的令牌和加签密钥。',
    en: 'Posts to a DingTalk group and calls its members; needs the robot’s token and its signing secret.'
  },
  settings: Type.Object(
    {
      url: Type.String({
        title: 'Address of the robot',
        description: 'without the token; another one for a private deployment',
        default: 'https://oapi.dingtalk.com/robot/send',
        pattern: '^https?://[^@\\s]+$',
        maxLength: 512,
        examples: ['https://oapi.dingtalk.com/robot/send']
      }),
      token_file: Type.String({
        title: 'File with the access token',
        description: 'what stands behind access_token= in the robot’s Webhook address',
        minLength: 1,
        examples: ['secrets/dingtalk-token']
      }),
      secret_file: Type.String({
        title: 'File with the signing secret',
        description: 'the SEC… that 钉钉 shows under 加签',
        minLength: 1,
        examples: ['secrets/dingtalk-secret']
      })
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'sent',
  open: ({ url, token_file, secret_file }, { clock, secret, station }) => ({
    well: () => secretsMissing(secret, { token_file, secret_file }),
    send: async ({ title, text, to }, signal) => {
      const read = secretsOf(secret, { token: token_file, key: secret_file })
      if ('failed' in read) return read
      const { token, key } = read.texts
      const timestamp = clock.now()
      const address = new URL(url)
      address.searchParams.set('access_token', token)
      address.searchParams.set('timestamp', String(timestamp))
      address.searchParams.set('sign', createHmac('sha256', key).update(`${timestamp}\n${key}`).digest('base64'))
      const head = title[station.locale]
      const rest = fit(unmarked(withoutTitle(text[station.locale], head)), most_bytes).replaceAll('\n', '\n\n')
      // Only those whose number stands in the text are rung; 钉钉 shows their names in its place.
      const atMobiles = to.flatMap(({ mobile }) => (mobile === undefined ? [] : [mobile]))
      const rung = atMobiles.map(mobile => `@${mobile}`).join(' ')
      const body = JSON.stringify({
        msgtype: 'markdown',
        markdown: { title: head, text: `### ${unmarked(head)}\n\n${rest}\n\n${rung}` },
        at: { atMobiles, isAtAll: false }
      })
      return byCode(await post(address.href, { body }, signal), 'errcode', later)
    }
  })
})
