/** Which of the station's two languages a request is answered in, and how a moment is written. */
import type { Locale } from '../domain/vocabulary.ts'

/** The best of ours in `Accept-Language`; the station's own when nothing fits. */
export const localeOf = (accept: string | undefined, own: Locale): Locale => {
  if (accept === undefined) return own
  const wanted = accept
    .slice(0, 200)
    .split(',')
    .map(part => {
      const [tag = '', q] = part.trim().toLowerCase().split(';q=')
      return { tag, q: q === undefined ? 1 : Number(q) || 0 }
    })
    .sort((a, b) => b.q - a.q)
  for (const { tag, q } of wanted) {
    if (q === 0) continue
    if (tag === 'zh' || tag.startsWith('zh-')) return 'zh-CN'
    if (tag === 'en' || tag.startsWith('en-')) return 'en'
    if (tag === '*') return own
  }
  return own
}

const quarter_ms = 900_000

/** An incident names moments of several days: when its evidence fades, when it is due. */
const quarters_kept = 1_000

/** Writes moments as RFC 3339 in the station's own offset. Offsets only change on a quarter of an hour, so each is looked up once. */
export const timesOf = (timezone: string): ((at: number) => string) => {
  const format = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' })
  const known = new Map<number, { readonly minutes: number; readonly suffix: string }>()
  const offsetAt = (at: number): { readonly minutes: number; readonly suffix: string } => {
    const quarter = Math.floor(at / quarter_ms)
    const found = known.get(quarter)
    if (found !== undefined) return found
    const [, sign, h, m] = /GMT([+-])(\d\d):(\d\d)/.exec(format.format(at)) ?? []
    const offset =
      sign === undefined
        ? { minutes: 0, suffix: 'Z' }
        : { minutes: (sign === '-' ? -1 : 1) * (Number(h) * 60 + Number(m)), suffix: `${sign}${h}:${m}` }
    if (known.size >= quarters_kept) known.clear()
    known.set(quarter, offset)
    return offset
  }
  return at => {
    const { minutes, suffix } = offsetAt(at)
    return new Date(at + minutes * 60_000).toISOString().replace('Z', suffix)
  }
}
