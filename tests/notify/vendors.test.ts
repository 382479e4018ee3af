import { createHmac } from 'node:crypto'
import t from 'tap'
import { realClock } from '../../edge/clock.ts'
import { sayTrouble } from '../../edge/domain/words.ts'
import type { Channel } from '../../edge/notify/channel.ts'
import dingtalk from '../../edge/notify/dingtalk.ts'
import feishu from '../../edge/notify/feishu.ts'
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
  const { timestamp, sign, msg_type, card } = JSON.parse(body)
  const right = createHmac('sha256', `${timestamp}\n${secretOf('sec')}`).digest('base64')
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 3600 || sign !== right) return { code: 19021, msg: 'sign match fail' }
  if (url.pathname !== `/hook/${secretOf('tok')}`) return { code: 19001, msg: 'param invalid' }
  const [{ text }] = card.elements
  // Plain text alone: in `lark_md` a report could ring everybody.
  const plain = card.header.title.tag === 'plain_text' && text.tag === 'plain_text' && card.header.template === 'red'
  return msg_type === 'interactive' && plain && text.content ? { code: 0, msg: 'success' } : { code: 19002, msg: 'params error' }
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

t.test('钉钉 and 飞书 refuse a signature older than an hour, and it is not tried again', async t => {
  for (const { name, channel, path, settings, answer } of robots.filter(({ settings }) => 'secret_file' in settings)) {
    const server = await vendor((asked, reply) => json(reply, answer(asked)))
    const clock = { ...realClock, now: () => Date.now() - 3_700_000 }
    const open = await channel.open({ url: server.url + path, ...settings }, means({ clock }))
    t.match(await open.send(message(), calm()), { failed: /they refused it: (errcode 310000|code 19021)/, retry: false }, name)
    await server.close()
  }
})

t.test('钉钉 is given no markdown that loads or links, whatever a passer-by has reported', async t => {
  const server = await vendor((asked, reply) => json(reply, dingtalkAnswer(asked)))
  const open = await dingtalk.open({ url: server.url, token_file: 'tok', secret_file: 'sec' }, means())
  const text = 'a ![x](http://evil/pixel) <img src=x>\n# big\n> said'
  t.match(await open.send(message({ text: { 'zh-CN': text, en: text } }), calm()), { receipt: 'sent' })
  const said = JSON.parse(server.asked[0]?.body ?? '').markdown.text as string
  t.notMatch(said, '](')
  t.notMatch(said, '<img')
  t.notMatch(said, /^# big/m)
  await server.close()
})

t.test('企业微信 takes 2048 bytes, so a longer text is cut between characters', async t => {
  const server = await vendor((asked, reply) => json(reply, wecomAnswer(asked)))
  const open = await wecom.open({ url: server.url, key_file: 'key' }, means())
  t.match(await open.send(message({ text: { 'zh-CN': `火${'情'.repeat(2000)}`, en: 'x' } }), calm()), { receipt: 'sent' })
  const { content } = JSON.parse(server.asked[0]?.body ?? '').text
  t.match(content, /^火情+…$/)
  t.ok(Buffer.byteLength(content) > 2040)
  await server.close()
})

for (const { name, channel, path, settings, answer, later, never } of robots) {
  t.test(`${name} accepts what we send, signature and all`, async t => {
    const server = await vendor((asked, reply) => json(reply, answer(asked)))
    const open = await channel.open({ url: server.url + path, ...settings }, means())
    t.match(await open.send(message(), calm()), { receipt: 'sent' })
    const wrong = await channel.open({ url: server.url + path, ...settings }, means({ secret: () => 'wrong' }))
    t.match(await wrong.send(message(), calm()), { failed: String, retry: false }, 'a wrong secret is not tried again')
    t.notOk(server.asked.some(({ body }) => body.includes('演练')))
    await open.send(
      message({ drill: true, title: { 'zh-CN': '【演练】火', en: 'EXERCISE: fire' }, text: { 'zh-CN': '【演练】火\n烟', en: 'x' } }),
      calm()
    )
    t.match(server.asked.at(-1)?.body, '演练', 'an exercise says so')
    const mute = await channel.open(
      { url: server.url + path, ...settings },
      means({
        secret: () => {
          throw Object.assign(new Error(canary), { code: 'ENOENT' })
        }
      })
    )
    const before = server.asked.length
    t.match(await mute.send(message(), calm()), { failed: 'a secret file cannot be read or is not right: ENOENT', retry: true })
    t.match(await mute.well?.(), /secret/)
    t.equal(await open.well?.(), undefined)
    t.equal(server.asked.length, before, 'without its secret it asks nobody')
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
    t.match(await send(), { retry: true, after_ms: 20_000 }, 'too many a minute')
    status = 400
    t.match(await send(), { retry: true }, 'too many, said with a status that means never')
    status = 200
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

t.test('why a vendor refused is read in the reader’s language, with the vendor’s code', async t => {
  t.equal(sayTrouble('they refused it: errcode 310000', 'zh-CN'), '对方拒绝了：errcode 310000')
  t.equal(sayTrouble('they refused it: errcode 310000', 'en'), 'they refused it: errcode 310000')
  t.equal(sayTrouble('words of others: as they are', 'zh-CN'), 'words of others: as they are')
})
