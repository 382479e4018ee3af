/** A vendor's server, on this machine: it checks a request as the vendor's documentation says, and can be slow, broken or gone. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { realClock } from '../../edge/clock.ts'
import type { Means, Message } from '../../edge/notify/channel.ts'

export type Asked = { readonly url: URL; readonly headers: IncomingMessage['headers']; readonly body: string; readonly raw: Buffer }
export type Vendor = { readonly url: string; readonly asked: Asked[]; readonly close: () => Promise<void> }

export const vendor = async (answer: (asked: Asked, reply: ServerResponse) => void): Promise<Vendor> => {
  const asked: Asked[] = []
  const server = createServer((request, reply) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const raw = Buffer.concat(parts)
      const one = { url: new URL(request.url ?? '/', 'http://vendor'), headers: request.headers, body: raw.toString('utf8'), raw }
      asked.push(one)
      answer(one, reply)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}
export const json = (reply: ServerResponse, body: unknown, status = 200): void => {
  reply.writeHead(status, { 'content-type': 'application/json' })
  reply.end(JSON.stringify(body))
}

export const canary = 'c4n4ry-s3cr3t'
export const means = (more: Partial<Means> = {}): Means => ({
  clock: realClock,
  station: { id: 'hub', name: '人民广场', locale: 'zh-CN' },
  dir: '/nowhere',
  secret: file => `${canary}-${file}`,
  publish: () => undefined,
  isOnline: () => true,
  order: () => false,
  watching: () => new Set(),
  subscriptions: () => [],
  forgetSubscription: () => undefined,
  log: () => undefined,
  ...more
})
export const message = (more: Partial<Message> = {}): Message => ({
  id: 'p-1',
  occasion: 'opened',
  incident: 'i-1',
  kind: 'fire',
  zone: 'food-row',
  zone_name: '美食街',
  severity: 'red',
  unit: 'patrol-1',
  unit_name: '巡逻一组',
  agency: 'police',
  to: [
    { name: 'li', mobile: '13800000001', email: 'li@example.org' },
    { name: 'wang', mobile: '13800000002' }
  ],
  title: { 'zh-CN': '红色火情 “美食街”', en: 'red I: fire, food row' },
  text: { 'zh-CN': '红色火情 美食街\n烟雾报警 & <报>', en: 'fire\nsmoke' },
  speech: { 'zh-CN': '美食街，火情', en: 'food row, fire' },
  url: 'http://station/#i-1',
  drill: false,
  at: 0,
  ...more
})
