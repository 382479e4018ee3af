/** 企业微信 group robot: “群机器人配置说明”, developer.work.weixin.qq.com. */
import { Type } from 'typebox'
import { defineChannel } from './channel.ts'
import { byCode, post } from './post.ts'

/** 45009: more than 20 messages a minute; -1: busy. */
const later = [45009, -1]

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
        default: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send',
        pattern: '^https?://[^@\\s]+$'
      }),
      key_file: Type.String({ title: 'File with the robot’s key', minLength: 1 })
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'sent',
  open: ({ url, key_file }, { secret, station }) => ({
    send: async ({ text, to }, signal) => {
      const address = new URL(url)
      address.searchParams.set('key', secret(key_file))
      const mentioned_mobile_list = to.flatMap(({ mobile }) => (mobile === undefined ? [] : [mobile]))
      // Markdown cannot ring anybody by number; plain text can.
      const body = JSON.stringify({ msgtype: 'text', text: { content: text[station.locale], mentioned_mobile_list } })
      return byCode(await post(address.href, { body }, signal), '企业微信', 'errcode', later)
    }
  })
})
