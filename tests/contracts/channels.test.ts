import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { receipts } from '../../edge/domain/delivery.ts'
import { locales } from '../../edge/domain/vocabulary.ts'
import { sayTrouble } from '../../edge/domain/words.ts'
import { loadFolder } from '../../edge/load.ts'
import type { Channel, Means, Message } from '../../edge/notify/channel.ts'
import { check } from '../../edge/settings.ts'
import { means, message } from '../support/vendor.ts'

/** What every channel owes us. A new channel is under test the moment its file exists. */
const channels = await loadFolder<Channel>(new URL('../../edge/notify/', import.meta.url), ['channel', 'notifier', 'post'])
t.ok(channels.size >= 11, 'the folder holds the channels')

type Setting = TSchema & { readonly title?: string; readonly description?: string; readonly examples?: readonly unknown[] }
type Settings = TSchema & { readonly properties?: Readonly<Record<string, Setting>>; readonly required?: readonly string[] }
const propertiesOf = (schema: TSchema): [string, Setting][] => Object.entries((schema as Settings).properties ?? {})
/** Settings as the manual shows them: of each the first example. */
const shown = (schema: TSchema): Record<string, unknown> =>
  Object.fromEntries(propertiesOf(schema).map(([key, { examples }]) => [key, structuredClone(examples?.[0])]))

/** Long enough to be any vendor's key, also as base64; what must never be said again. */
const secret = 'c4n4ryS3cr3tc4n4ryS3cr3tc4n4ryS3cr3t0000'
const private_words = [secret, '13800000001', 'li@example.org', 'phone-address']
/** A point on the curve, so that something can be sealed to it. */
const keys = {
  p256dh: 'BM9j_LXJ-1WaoJ96VGf7M6D7gjUGDu6N4fGslOQeHrOUcbunjXT7RcKMNkr06uXcOPW8iKydt_aeKpqZhNIOmWM',
  auth: 'AAAAAAAAAAAAAAAAAAAAAA'
}
const exercise: Message = message({
  drill: true,
  title: { 'zh-CN': '【演练】甲', en: 'EXERCISE: a' },
  text: { 'zh-CN': '【演练】甲\n乙', en: 'EXERCISE: a\nb' },
  cap: '<alert><status>Exercise</status><headline>【演练】甲</headline><description>乙</description></alert>'
})

/** A server that speaks no protocol well: it answers with all it was told, or not at all. */
const parrot = async (status: string | undefined) => {
  let heard = ''
  const sockets = new Set<import('node:net').Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.setEncoding('utf8').on('data', part => {
      heard += part
      if (status !== undefined)
        socket.end(`HTTP/1.1 ${status} x\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{"errmsg":${JSON.stringify(heard)}}`)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => server.close(() => resolve()))
  }
  return { port: (server.address() as AddressInfo).port, heard: () => heard, close }
}

const openAt = async (channel: Channel, port: number, dir: string, more: Partial<Means> = {}) => {
  const there = { url: `http://127.0.0.1:${port}`, host: '127.0.0.1', port, services: ['127.0.0.1'] }
  const usual = shown(channel.settings)
  const own = Object.fromEntries(Object.entries(there).filter(([key]) => key in usual))
  const { ca_file: _, accepted: _accepted, ...settings } = { ...usual, ...own } as Record<string, unknown>
  const subscriptions = () => [{ endpoint: `http://127.0.0.1:${port}/phone-address`, keys }]
  return channel.open(Value.Default(channel.settings, settings) as never, means({ dir, secret: () => secret, subscriptions, ...more }))
}

for (const [name, channel] of channels) {
  t.test(`channel ${name} says what it is in every language`, async t => {
    for (const locale of locales) {
      t.match(channel.label[locale], /\S/)
      t.match(channel.says[locale], /\S.*[。.]$/, 'a sentence')
    }
    for (const { 'zh-CN': chinese, en } of [channel.label, channel.says]) {
      t.match(chinese, /\p{Script=Han}/u)
      t.notMatch(en, /\p{Script=Han}/u)
    }
    t.ok(receipts.includes(channel.proves))
    t.match(channel.reach, /^(station|outside)$/)
  })

  t.test(`channel ${name}: each setting has a title, a sentence and an example that fits; a secret is only ever a file`, async t => {
    const look = (schema: TSchema, path: string): void => {
      for (const [key, setting] of propertiesOf(schema)) {
        const { title, description, examples = [] } = setting
        t.match([title, description], [/\S/, /\S/], `${path}${key} has its words`)
        t.ok(examples.length > 0, `${path}${key} has an example`)
        for (const example of examples) t.strictSame(check(setting, example).mistakes, [], `${path}${key}: ${JSON.stringify(example)}`)
        t.notMatch(key, /(secret|token|password|key|pass)(?!.*_file$)/i, `${path}${key} is no secret in the open`)
        look(setting, `${path}${key}/`)
      }
    }
    look(channel.settings, '')
    t.pass('all of them')
  })

  t.test(`channel ${name} refuses settings that are unknown, missing or of the wrong kind, each by its path`, async t => {
    const good = shown(channel.settings)
    const at = (settings: unknown): string[] => check(channel.settings, settings).mistakes.map(({ path }) => path)
    t.strictSame(at(good), [])
    t.strictSame(at({ ...good, nonsense: 1 }), ['/nonsense'])
    for (const [key, setting] of propertiesOf(channel.settings)) {
      t.ok(
        at({ ...good, [key]: null }).every(path => path.startsWith(`/${key}`)) && at({ ...good, [key]: null }).length > 0,
        `${key}: null`
      )
      const { [key]: _, ...without } = good
      const needed = (channel.settings as Settings).required?.includes(key) === true && !('default' in setting)
      t.strictSame(at(without), needed ? [`/${key}`] : [], `without ${key}`)
    }
  })

  if (channel.reach !== 'outside') continue

  t.test(
    `channel ${name} never says a secret, a number or an address, whatever becomes of it, and says why not in Chinese too`,
    async t => {
      const said: unknown[] = []
      const log = (...line: unknown[]): void => void said.push(line)
      for (const status of ['200', '302', '400', '410', '500', undefined]) {
        const server = await parrot(status)
        const open = await openAt(channel, server.port, t.testdir(), { log })
        const sent = await open.send(exercise, AbortSignal.timeout(300)).catch((error: Error) => ({ thrown: error.stack }))
        t.notHas(sent, { thrown: String }, `${status}: it never throws`)
        said.push(sent)
        await server.close()
        const gone = await open.send({ ...exercise, id: 'p-2' }, AbortSignal.timeout(2_000))
        t.match(gone, { failed: String, retry: true }, 'nobody there')
        said.push(gone)
        await open.close?.()
      }
      const gibberish = await openAt(channel, 1, t.testdir(), { log, secret: () => `${secret}\r\nx: y` })
      said.push(await gibberish.send(exercise, AbortSignal.timeout(2_000)))
      for (const words of private_words) t.notMatch(JSON.stringify(said), words)
      for (const sent of said as { failed?: string }[]) {
        if (sent.failed !== undefined) t.not(sayTrouble(sent.failed, 'zh-CN'), sent.failed, sent.failed)
      }
    }
  )

  t.test(`channel ${name} ends when the time is over, and begins nothing after it`, async t => {
    const server = await parrot(undefined)
    const open = await openAt(channel, server.port, t.testdir())
    for (const signal of [AbortSignal.timeout(150), AbortSignal.abort()]) {
      const begun = performance.now()
      t.match(await open.send(exercise, signal), { failed: String, retry: true })
      t.ok(performance.now() - begun < 1_000, 'promptly')
    }
    await open.close?.()
    await server.close()
  })

  // Sealed in these; their own tests open the letter and the push.
  if (name === 'email' || name === 'web-push') continue
  t.test(`channel ${name} says 演练 and what it is about`, async t => {
    const server = await parrot('200')
    const open = await openAt(channel, server.port, t.testdir())
    await open.send(exercise, AbortSignal.timeout(2_000))
    const heard = server.heard()
    t.match(heard, '【演练】甲')
    t.match(heard, '乙')
    await server.close()
  })
}
