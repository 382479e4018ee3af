/** Tells in the terminal what the board shows: the demo listens as any other system would, by token, over HTTP. */
import { setTimeout as wait } from 'node:timers/promises'
import { nameOf } from '../domain/words.ts'

type News = {
  readonly id: string
  readonly phase: string
  readonly severity: string
  readonly zone: string
  readonly because: string
  readonly kind: string
  /** Only the consequence of another: the board lists it under that one. */
  readonly suppressed?: object | null
  readonly agencies?: readonly { readonly label: string; readonly state: string }[]
}

/** What else failed in the same moment may explain it; the board waits for that too. */
const settled_ms = 500

export const watchStation = async (url: string, token: string, say: (text: string) => void, over: () => boolean): Promise<void> => {
  const told = new Map<string, string>()
  const unsettled = new Map<string, News>()
  const hear = (what: 'alert' | 'incident', news: News): void => {
    if (what === 'incident') {
      tell(what, news, told, say)
      return
    }
    if (!unsettled.has(news.id)) setTimeout(() => settle(news.id), settled_ms).unref()
    unsettled.set(news.id, news)
  }
  const settle = (id: string): void => {
    const now = unsettled.get(id)
    unsettled.delete(id)
    if (now !== undefined && !now.suppressed) tell('alert', now, told, say)
  }
  let last = ''
  while (!over()) {
    try {
      const response = await fetch(`${url}/api/live`, {
        headers: { authorization: `Bearer ${token}`, 'accept-language': 'zh-CN', ...(last && { 'last-event-id': last }) }
      })
      if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`)
      let text = ''
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        text += chunk
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const fields = Object.fromEntries(
            text
              .slice(0, end)
              .split('\n')
              .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
          )
          text = text.slice(end + 2)
          if (fields.id) last = fields.id
          if (fields.data && (fields.event === 'alert' || fields.event === 'incident')) hear(fields.event, JSON.parse(fields.data))
        }
      }
    } catch {
      // The station may be restarting; the stream resumes by its last id.
      if (!over()) await wait(1000)
    }
  }
}

const tell = (what: 'alert' | 'incident', news: News, told: Map<string, string>, say: (text: string) => void): void => {
  const silent = (news.agencies ?? []).filter(({ state }) => state === 'silent').map(({ label }) => label)
  const state = `${news.phase} ${news.severity} ${silent.join(' ')}`
  if (told.get(news.id) === state) return
  told.set(news.id, state)
  const time = new Date().toTimeString().slice(0, 8)
  const name = what === 'alert' ? '预警 alert   ' : '警情 incident'
  const end = what === 'alert' ? '' : silent.length > 0 ? `  未签收 silent: ${silent.join('、')}` : '  各单位已签收 all answered'
  say(
    `${time}  ${name}  ${nameOf('level', news.severity, 'zh-CN')}  ${news.zone}  ${news.because}${news.phase === 'closed' ? '  已关闭 closed' : end}`
  )
}
