/**
 * Many officers' screens in a process of their own, so that what they cost is not the station's: each holds one live stream and
 * writes down when it first heard of each device. Told by its parent: `open`, `drop` (some leave and come back from where they
 * were), `tell`.
 */
import { get, type IncomingMessage } from 'node:http'
import { setTimeout as after } from 'node:timers/promises'

export type AudienceOrder =
  | { readonly type: 'open'; readonly url: string; readonly cookies: readonly string[] }
  | { readonly type: 'drop'; readonly screens: number; readonly away_ms: number }
  | { readonly type: 'tell' }
/** Of each screen: when it first heard of a device's alert (epoch ms), how often, and every event id in the order heard. */
export type Heard = {
  readonly first: Readonly<Record<string, number>>
  readonly times: Readonly<Record<string, number>>
  readonly ids: readonly string[]
  readonly snapshots: number
}
export type AudienceAnswer =
  | { readonly type: 'opened'; readonly screens: number }
  | { readonly type: 'dropped'; readonly screens: number }
  | { readonly type: 'heard'; readonly screens: readonly Heard[] }

type Screen = Heard & { snapshots: number; first: Record<string, number>; times: Record<string, number>; ids: string[]; leave: () => void }

const screens: { readonly screen: Screen; readonly url: string; readonly cookie: string }[] = []
const now = (): number => performance.timeOrigin + performance.now()

const listen = (screen: Screen, url: string, cookie: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const last = screen.ids.at(-1)
    const request = get(`${url}/api/live`, { headers: { cookie, ...(last !== undefined && { 'last-event-id': last }) } })
    request.on('error', reject)
    request.on('response', (answer: IncomingMessage) => {
      if (answer.statusCode !== 200) return reject(new Error(`/api/live: ${answer.statusCode}`))
      answer.setEncoding('utf8')
      let rest = ''
      answer.on('data', (chunk: string) => {
        const at = now()
        const parts = (rest + chunk).split('\n\n')
        rest = parts.pop() ?? ''
        for (const part of parts) note(screen, part, at)
        resolve()
      })
      answer.on('error', () => undefined)
    })
    screen.leave = () => request.destroy()
  })

const note = (screen: Screen, part: string, at: number): void => {
  const [, id] = /^id: (.*)$/m.exec(part) ?? []
  const [, type] = /^event: (.*)$/m.exec(part) ?? []
  if (id !== undefined) screen.ids.push(id)
  if (type === 'snapshot') screen.snapshots++
  if (type !== 'alert') return
  const [, device] = /"device":"([^"]+)"/.exec(part) ?? []
  if (device === undefined) return
  screen.first[device] ??= at
  screen.times[device] = (screen.times[device] ?? 0) + 1
}

const answer = (what: AudienceAnswer): void => void process.send?.(what)

process.on('message', async (order: AudienceOrder) => {
  if (order.type === 'open') {
    for (const cookie of order.cookies) {
      const screen: Screen = { first: {}, times: {}, ids: [], snapshots: 0, leave: () => undefined }
      screens.push({ screen, url: order.url, cookie })
      await listen(screen, order.url, cookie)
    }
    answer({ type: 'opened', screens: screens.length })
  } else if (order.type === 'drop') {
    const some = screens.slice(0, order.screens)
    for (const { screen } of some) screen.leave()
    await after(order.away_ms)
    await Promise.all(some.map(({ screen, url, cookie }) => listen(screen, url, cookie)))
    answer({ type: 'dropped', screens: some.length })
  } else answer({ type: 'heard', screens: screens.map(({ screen: { leave: _, ...heard } }) => heard) })
})
process.on('disconnect', () => process.exit(0))
