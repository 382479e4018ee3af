/** 企业微信 group robot: “群机器人配置说明”, and “全局错误码” for what it answers, developer.work.weixin.qq.com. */
import { Type } from 'typebox'
import { defineChannel } from './channel.ts'
import { fit } from './common/text.ts'
import { byCode, post, secretsMissing, secretsOf } from './post.ts'

/** 45009: more than 20 messages a minute; 45033: too many at once; -1: busy. Of the others 93000 is a key that nobody knows. */
const later = [45009, 45033, -1]
const most_bytes = 2048

export default defineChannel({
  label: { 'zh-CN': '企业微信群机器人', en: 'WeCom group robot' },
  says: {
    'zh-CN': '向企业微信群发消息并提醒成员；需要机器人的 key。',
    en: 'Posts to a WeCom group and calls its members; needs the robot’s key.'
  },
  settings: Type.Object(
    {
      url: Type.String({
        title: 'Address of the robot',
        description: 'without the key; another one for a private deployment',
        default: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send',
        pattern: '^https?://[^@\\s]+$',
        maxLength: 512,
        examples: ['https://qyapi.weixin.qq.com/cgi-bin/webhook/send']
      }),
      key_file: Type.String({
        title: 'File with the robot’s key',
        description: 'what stands behind key= in the robot’s Webhook address',
        minLength: 1,
        examples: ['secrets/wecom-key']
      })
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'sent',
  open: ({ url, key_file }, { secret, station }) => ({
    well: () => secretsMissing(secret, { key_file }),
    send: async ({ text, to }, signal) => {
      const read = secretsOf(secret, { key: key_file })
      if ('failed' in read) return read
      const address = new URL(url)
      address.searchParams.set('key', read.texts.key)
      const mentioned_mobile_list = to.flatMap(({ mobile }) => (mobile === undefined ? [] : [mobile]))
      // Markdown cannot ring anybody by number; plain text can.
      const body = JSON.stringify({ msgtype: 'text', text: { content: fit(text[station.locale], most_bytes), mentioned_mobile_list } })
      return byCode(await post(address.href, { body }, signal), 'errcode', later)
    }
  })
})
