import { createHmac } from 'node:crypto'
import t from 'tap'
import type { Channel } from '../../edge/notify/channel.ts'
import dingtalk from '../../edge/notify/dingtalk.ts'
import feishu from '../../edge/notify/feishu.ts'
import sms from '../../edge/notify/sms.ts'
import webhook from '../../edge/notify/webhook.ts'
import wecom from '../../edge/notify/wecom.ts'
import { type Asked, canary, json, means, message, vendor } from '../support/vendor.ts'

const calm = (): AbortSignal => AbortSignal.timeout(10_000)
const secretOf = (name: string): string => `${canary}-${name}`

/** As “自定义机器人的安全设置” has it: the timestamp at most an hour old, the signature over it and the secret. */
const dingtalkAnswer = ({ url, body }: Asked): unknown => {
  const timestamp = url.searchParams.get('timestamp') ?? ''
  const right = createHmac('sha256', secretOf('sec'))
    .update(`${timestamp}\n${secretOf('sec')}`)
    .digest('base64')
  if (Math.abs(Date.now() - Number(timestamp)) > 3_600_000) return { errcode: 310000, errmsg: 'timestamp is too old' }
  if (url.searchParams.get('sign') !== right) return { errcode: 310000, errmsg: 'sign not match' }
  if (url.searchParams.get('access_token') !== secretOf('tok')) return { errcode: 300001, errmsg: 'token is not exist' }
  const { msgtype, markdown, at } = JSON.parse(body)
  const rung = (at.atMobiles as string[]).every(mobile => markdown.text.includes(`@${mobile}`))
  return msgtype === 'markdown' && markdown.title && rung ? { errcode: 0, errmsg: 'ok' } : { errcode: 400, errmsg: 'bad' }
}
/** As “自定义机器人使用指南” has it: the string to sign is the key, and nothing is signed. */
const feishuAnswer = ({ url, body }: Asked): unknown => {
  const { timestamp, sign, msg_type, content } = JSON.parse(body)
  const right = createHmac('sha256', `${timestamp}\n${secretOf('sec')}`).digest('base64')
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 3600 || sign !== right) return { code: 19021, msg: 'sign match fail' }
  if (url.pathname !== `/hook/${secretOf('tok')}`) return { code: 19001, msg: 'param invalid' }
  return msg_type === 'text' && content.text ? { code: 0, msg: 'success' } : { code: 9499, msg: 'Bad Request' }
}
const wecomAnswer = ({ url, body }: Asked): unknown => {
  if (url.searchParams.get('key') !== secretOf('key')) return { errcode: 93000, errmsg: 'invalid webhook url' }
  const { msgtype, text } = JSON.parse(body)
  return msgtype === 'text' && Buffer.byteLength(text.content) <= 2048 && text.mentioned_mobile_list.length === 2
    ? { errcode: 0, errmsg: 'ok' }
    : { errcode: 40008, errmsg: 'invalid message type' }
}

const robots: readonly {
  readonly name: string
  readonly channel: Channel
  readonly path: string
  readonly settings: object
  readonly answer: (asked: Asked) => unknown
  readonly later: unknown
  readonly never: unknown
}[] = [
  {
    name: '钉钉',
    channel: dingtalk,
    path: '/robot/send',
    settings: { token_file: 'tok', secret_file: 'sec' },
    answer: dingtalkAnswer,
    later: { errcode: 130101 },
    never: { errcode: 310000 }
  },
  {
    name: '飞书',
    channel: feishu,
    path: '/hook',
    settings: { token_file: 'tok', secret_file: 'sec' },
    answer: feishuAnswer,
    later: { code: 11232 },
    never: { code: 19021 }
  },
  {
    name: '企业微信',
    channel: wecom,
    path: '/cgi-bin/webhook/send',
    settings: { key_file: 'key' },
    answer: wecomAnswer,
    later: { errcode: 45009 },
    never: { errcode: 93000 }
  }
]

for (const { name, channel, path, settings, answer, later, never } of robots) {
  t.test(`${name} accepts what we send, signature and all`, async t => {
    const server = await vendor((asked, reply) => json(reply, answer(asked)))
    const open = await channel.open({ url: server.url + path, ...settings }, means())
    t.match(await open.send(message(), calm()), { receipt: 'sent' })
    const wrong = await channel.open({ url: server.url + path, ...settings }, means({ secret: () => 'wrong' }))
    t.match(await wrong.send(message(), calm()), { failed: String, retry: false }, 'a wrong secret is not tried again')
    await server.close()
  })

  t.test(`${name}: what comes later, what never comes, and no secret in any of it`, async t => {
    let what: unknown = later
    let status = 200
    const server = await vendor((_, reply) => json(reply, what, status))
    const open = await channel.open({ url: server.url + path, ...settings }, means())
    const said: unknown[] = []
    const send = async (): Promise<unknown> => {
      const sent = await open.send(message(), calm())
      said.push(sent)
      return sent
    }
    t.match(await send(), { retry: true }, 'too many a minute')
    what = never
    t.match(await send(), { retry: false })
    status = 500
    t.match(await send(), { retry: true })
    status = 404
    t.match(await send(), { retry: false })
    status = 200
    what = 'no object'
    t.match(await send(), { failed: String })
    await server.close()
    t.match(await send(), { retry: true }, 'nobody there')
    t.notMatch(JSON.stringify(said), canary)
    t.notMatch(JSON.stringify(said), '1380000')
  })

  t.test(`${name}: a server that never answers ends with the signal`, async t => {
    const server = await vendor(() => undefined)
    const open = await channel.open({ url: server.url + path, ...settings }, means())
    t.match(await open.send(message(), AbortSignal.timeout(200)), { failed: String, retry: true })
    await server.close()
  })
}

t.test(
  'a generic webhook carries the signature of Standard Webhooks, both languages, the same id at every try, and no number of anyone',
  async t => {
    const key = Buffer.from('a key of thirty-two bytes or so..').toString('base64')
    const server = await vendor(({ headers, body }, reply) => {
      const right = createHmac('sha256', Buffer.from(key, 'base64'))
        .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
        .digest('base64')
      json(reply, {}, headers['webhook-signature'] === `v1,${right}` ? 204 : 401)
    })
    const open = await webhook.open({ url: server.url, secret_file: 's' }, means({ secret: () => `whsec_${key}` }))
    t.match(await open.send(message(), calm()), { receipt: 'delivered' })
    t.match(await open.send(message(), calm()), { receipt: 'delivered' })
    t.strictSame(
      server.asked.map(({ headers }) => headers['webhook-id']),
      ['p-1', 'p-1']
    )
    t.match(JSON.parse(server.asked[0]?.body ?? ''), { data: { title: { 'zh-CN': String, en: String }, drill: false } })
    t.notMatch(server.asked[0]?.body, '1380000')
    await server.close()
  }
)

t.test('an SMS gateway gets one request a mobile, words encoded for where they stand, and nobody gets it twice', async t => {
  let failing = '13800000002'
  const server = await vendor(({ body }, reply) => {
    const { phone } = JSON.parse(body) as { phone: string }
    json(reply, { code: phone === failing ? 7 : 0 }, phone === failing ? 503 : 200)
  })
  const open = await sms.open(
    {
      url: server.url,
      method: 'POST',
      headers: { authorization: 'Bearer {secret}' },
      body: '{"phone":"{mobile}","content":"{text}","sn":"{id}"}',
      encoding: 'json',
      secret_file: 'k',
      well: '"code":0'
    },
    means()
  )
  const first = await open.send(message({ text: { 'zh-CN': '引号 " 与\n换行 {mobile}', en: 'x' } }), calm())
  t.match(first, { failed: String, retry: true })
  t.notMatch(JSON.stringify(first), '1380000')
  failing = ''
  t.match(await open.send(message(), calm()), { receipt: 'sent' })
  t.strictSame(
    server.asked.map(({ body }) => (JSON.parse(body) as { phone: string }).phone),
    ['13800000001', '13800000002', '13800000002']
  )
  t.equal(JSON.parse(server.asked[0]?.body ?? '').content, '引号 " 与\n换行 {mobile}')
  t.equal(server.asked[0]?.headers.authorization, `Bearer ${canary}-k`)
  t.match(await open.send(message({ id: 'p-2', to: [{ name: 'x' }] }), calm()), { failed: String, retry: false })
  await server.close()
})
