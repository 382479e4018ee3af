import type { ServerResponse } from 'node:http'
import t from 'tap'
import sms from '../../edge/notify/sms.ts'
import { type Asked, canary, json, means, message, vendor } from '../support/vendor.ts'

const calm = (): AbortSignal => AbortSignal.timeout(10_000)
const usual = {
  method: 'POST',
  headers: { authorization: 'Bearer {secret}' },
  body: '{"phone":"{mobile}","content":"{text}","sn":"{id}"}',
  encoding: 'json',
  most_characters: 300,
  secret_file: 'k',
  accepted: { path: 'result.0.code', matches: '^0$', again: '^busy$' }
} as const
const phoneOf = ({ body }: Asked): string => (JSON.parse(body) as { phone: string }).phone
const code = (reply: ServerResponse, code: unknown, status = 200): void => json(reply, { result: [{ code }] }, status)

t.test('a gateway gets one request a mobile, the secret in its header, and nobody is sent it twice', async t => {
  let failing = '13800000002'
  const server = await vendor((asked, reply) => code(reply, 0, phoneOf(asked) === failing ? 503 : 200))
  const open = await sms.open({ ...usual, url: server.url }, means())
  const first = await open.send(message(), calm())
  t.match(first, { failed: 'they answered with an error: 503', retry: true })
  failing = ''
  t.match(await open.send(message(), calm()), { receipt: 'sent', note: '2/2' })
  t.strictSame(server.asked.map(phoneOf).sort(), ['13800000001', '13800000002', '13800000002'])
  t.equal(server.asked[0]?.headers.authorization, `Bearer ${canary}-k`)
  t.match(await open.send(message({ id: 'p-2', to: [{ name: 'x' }] }), calm()), {
    failed: 'nobody of this unit has a mobile number',
    retry: false
  })
  await server.close()
})

t.test('a number that the gateway refuses for good does not hide that the others have it', async t => {
  const server = await vendor((asked, reply) => code(reply, phoneOf(asked) === '13800000002' ? 'no such number' : 0))
  const open = await sms.open({ ...usual, url: server.url }, means())
  t.match(await open.send(message(), calm()), { receipt: 'sent', note: '1/2' })
  const alone = await open.send(message({ id: 'p-2', to: [{ name: 'wang', mobile: '13800000002' }] }), calm())
  t.strictSame(alone, { failed: 'they refused it', retry: false }, 'and nothing of what the gateway said is repeated')
  await server.close()
})

t.test('what the gateway answers, and what comes of it: a table', async t => {
  let answer: (reply: ServerResponse) => void = () => undefined
  const server = await vendor((_, reply) => answer(reply))
  const open = await sms.open({ ...usual, url: server.url }, means())
  const table = [
    ['accepted', reply => code(reply, 0), { receipt: 'sent' }],
    ['busy', reply => code(reply, 'busy'), { retry: true }],
    ['busy with a status that means never', reply => code(reply, 'busy', 400), { retry: true }],
    ['refused', reply => code(reply, 7), { retry: false }],
    ['no such place in the answer', reply => json(reply, { result: [] }), { failed: 'their answer is not understood', retry: false }],
    ['an inherited name is no answer', reply => json(reply, []), { retry: false }],
    ['no JSON', reply => reply.end('<html>'), { retry: false }],
    ['too many', reply => reply.writeHead(429, { 'retry-after': '30' }).end(), { retry: true, after_ms: 30_000 }],
    ['broken', reply => code(reply, 0, 500), { retry: true }],
    ['unknown caller', reply => json(reply, {}, 401), { retry: false }]
  ] as const satisfies readonly (readonly [string, (reply: ServerResponse) => void, object])[]
  for (const [name, how, expected] of table) {
    answer = how
    t.match(await open.send(message({ id: name, to: [{ name: 'li', mobile: '13800000001' }] }), calm()), expected, name)
  }
  await server.close()
})

t.test('words are written for where they stand: JSON, form and address', async t => {
  const server = await vendor((_, reply) => reply.end('OK'))
  const awkward = '引号 " 与\n换行 {mobile} &a=b \\ %'
  const told = message({ id: 'p&1', text: { 'zh-CN': awkward, en: 'x' }, to: [{ name: 'li', mobile: '+8613800000001' }] })
  const { accepted: _, ...plain } = usual
  await (await sms.open({ ...plain, url: server.url }, means())).send(told, calm())
  t.equal(JSON.parse(server.asked[0]?.body ?? '').content, awkward)

  const form = { ...plain, encoding: 'form', body: 'to={mobile}&text={text}&key={secret}' } as const
  await (await sms.open({ ...form, url: server.url }, means())).send(told, calm())
  const fields = new URLSearchParams(server.asked[1]?.body)
  t.strictSame([fields.get('to'), fields.get('text'), fields.get('key')], ['+8613800000001', awkward, `${canary}-k`])
  t.equal(server.asked[1]?.headers['content-type'], 'application/x-www-form-urlencoded; charset=utf-8')

  const get = { ...plain, method: 'GET', url: `${server.url}/send/{id}?to={mobile}&text={text}` } as const
  await (await sms.open(get, means())).send(told, calm())
  const { url, body } = server.asked[2] as Asked
  t.strictSame(
    [url.pathname, url.searchParams.get('to'), url.searchParams.get('text'), body],
    ['/send/p%261', '+8613800000001', awkward, '']
  )

  const short = { ...plain, url: server.url, most_characters: 20, headers: { 'X-Text': '{text}' } }
  await (await sms.open(short, means())).send(message({ text: { 'zh-CN': '火'.repeat(50), en: 'x' } }), calm())
  t.equal(JSON.parse(server.asked[3]?.body ?? '').content, '火'.repeat(20))
  t.equal(server.asked[3]?.headers['x-text'], encodeURIComponent('火'.repeat(20)))
  await server.close()
})

t.test('a gateway that hangs or is gone holds nobody, however many are called', async t => {
  const server = await vendor(() => undefined)
  const many = Array.from({ length: 30 }, (_, i) => ({ name: `n${i}`, mobile: `138000001${i + 10}` }))
  const open = await sms.open({ ...usual, url: server.url }, means())
  const begun = performance.now()
  const hung = await open.send(message({ to: many }), AbortSignal.timeout(100))
  t.match(hung, { failed: 'no answer in time', retry: true })
  t.ok(performance.now() - begun < 2_000)
  await server.close()
  const gone = await open.send(message({ id: 'p-3' }), calm())
  t.match(gone, { failed: 'they were not reached: ECONNREFUSED', retry: true })
  t.notMatch(JSON.stringify([hung, gone]), /138000/)
  t.notMatch(JSON.stringify([hung, gone]), canary)
})
