import fc from 'fast-check'
import t from 'tap'
import {
  backoff_ms,
  type ChannelEntry,
  evolvePage,
  nextDueOfPage,
  type Page,
  type PageEvent,
  pagesFor,
  receipts
} from '../../edge/domain/delivery.ts'
import { evolve, type Incident } from '../../edge/domain/incident.ts'
import { localTime } from '../../edge/domain/local-time.ts'
import { tell } from '../../edge/domain/message.ts'
import { usualLadder } from '../../edge/domain/templates/template.ts'
import { incidentKinds, locales, severities } from '../../edge/domain/vocabulary.ts'
import { calls, sayTrouble, troubles } from '../../edge/domain/words.ts'

const call = { incident: 'i', asked: [{ unit: 'u', agency: 'police' }], severity: 'yellow', drill: false, occasion: 'opened' } as const
const utc = (at: number): string => localTime(at, 'UTC')
const ids = (): string => 'p'
const noon = Date.UTC(2026, 10, 24, 12)
const on = (entry: Partial<ChannelEntry>, at = noon, more: Partial<Parameters<typeof pagesFor>[0]> = {}) =>
  pagesFor({ ...call, ...more }, [{ id: 'bot', outside: true, ...entry }], at, utc, ids)

t.test('a channel calls whom its line of the table names, from the severity on that it names', async t => {
  const table: readonly [string, Partial<ChannelEntry>, object, number][] = [
    ['a line that says nothing calls everyone', {}, {}, 1],
    ['its own agency', { agencies: ['police', 'fire'] }, {}, 1],
    ['another agency', { agencies: ['fire'] }, {}, 0],
    ['no agency at all', { agencies: [] }, {}, 0],
    ['its own unit', { units: ['u'] }, {}, 1],
    ['another unit', { units: ['v'] }, {}, 0],
    ['of both, one is wrong', { agencies: ['police'], units: ['v'] }, {}, 0],
    ['exactly bad enough', { from: 'yellow' }, {}, 1],
    ['not bad enough', { from: 'orange' }, {}, 0],
    ['an exercise outside', {}, { drill: true }, 0],
    ['an exercise outside, even red', {}, { drill: true, severity: 'red' }, 0],
    ['an exercise on the screen', { outside: false }, { drill: true }, 1]
  ]
  for (const [name, entry, more, times] of table) t.equal(on(entry, noon, more).length, times, name)
})

t.test('quiet hours end at their minute, cross midnight, never hold for red, and give the call its full time', async t => {
  const quiet = { from: '22:00', to: '07:00' }
  const at = (h: number, m: number, s = 0): number => Date.UTC(2026, 10, 24, h, m, s)
  t.equal(on({ quiet }, at(21, 59, 59))[0]?.not_before, undefined, 'a second before')
  t.equal(on({ quiet }, at(22, 0))[0]?.not_before, at(31, 0), 'exactly then')
  t.equal(on({ quiet }, at(6, 59, 59))[0]?.not_before, at(7, 0), 'the last second')
  t.equal(on({ quiet }, at(7, 0))[0]?.not_before, undefined, 'over')
  for (const severity of severities)
    t.equal(on({ quiet }, at(23, 0), { severity })[0]?.not_before === undefined, severity === 'red', `${severity} at eleven`)
  const [page] = on({ quiet }, at(23, 0))
  t.equal((page?.deadline_at ?? 0) - (page?.not_before ?? 0), 1_800_000)
  t.equal(on({ quiet: { from: '12:00', to: '12:00' } })[0]?.not_before, undefined, 'no hours are no quiet hours')
})

t.test('quiet hours are those of the wall clock, also in the night in which it is put back', async t => {
  const berlin = (at: number): string => localTime(at, 'Europe/Berlin')
  const at = Date.UTC(2026, 9, 24, 22)
  const [page] = pagesFor(call, [{ id: 'bot', outside: true, quiet: { from: '22:00', to: '07:00' } }], at, berlin, ids)
  t.equal(page?.not_before, Date.UTC(2026, 9, 25, 6), 'seven in winter time is six UTC')
})

t.test('the wait grows to a minute and no further, and is spread by a quarter at most', async t => {
  t.strictSame(
    [0, 1, 2, 3, 4, 5, 6, 7, 1000].map(tries => backoff_ms(tries)),
    [1, 1, 2, 5, 10, 30, 60, 60, 60].map(s => s * 1000)
  )
  t.equal(backoff_ms(1, 1), 1250)
})

const of = { id: 'p', incident: 'i' }
const asked: PageEvent = {
  ...of,
  type: 'page_asked',
  at: 0,
  unit: 'u',
  agency: 'police',
  channel: 'bot',
  occasion: 'opened',
  severity: 'red',
  drill: false,
  deadline_at: 600_000
}
const anyEvent: fc.Arbitrary<PageEvent> = fc.oneof(
  fc.constant(asked),
  fc
    .record({ at: fc.nat(1000), receipt: fc.constantFrom(...receipts) })
    .map(({ at, receipt }) => ({ ...of, type: 'page_receipt' as const, at, receipt })),
  fc.record({ at: fc.nat(1000), retry_at: fc.option(fc.nat(2000)), stop: fc.boolean() }).map(({ at, retry_at, stop }) => ({
    ...of,
    type: 'page_failed' as const,
    at,
    why: 'w',
    ...(retry_at !== null && !stop && { retry_at }),
    ...(stop && { not_needed: true as const })
  }))
)

t.test('any journal folds, damaged or doubled: what is due is waited for, what has arrived stays arrived', async () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 12 }), events => {
      let page: Page | undefined
      for (const event of events) {
        const before = page
        page = evolvePage(page, event)
        if (page === undefined) {
          if (event.type === 'page_asked') throw new Error('asked and not there')
          continue
        }
        const open = page.status === 'waiting' || page.status === 'failing'
        if (open !== (nextDueOfPage(page) !== undefined)) throw new Error(`${page.status}, due ${page.due_at}`)
        const reached = (one: Page | undefined): number => receipts.indexOf(one?.status as (typeof receipts)[number])
        if (reached(page) < reached(before)) throw new Error(`from ${before?.status} back to ${page.status}`)
        if (before !== undefined && event.type === 'page_asked' && page !== before) throw new Error('asked twice')
      }
    }),
    { numRuns: 5000 }
  )
})

t.test('a receipt keeps its first moment; a failure that comes too late changes nothing', async t => {
  const fold = (...events: PageEvent[]): Page | undefined => events.reduce<Page | undefined>(evolvePage, undefined)
  const sent = (at: number): PageEvent => ({ ...of, type: 'page_receipt', at, receipt: 'sent' })
  t.match(fold(asked, sent(5), sent(9)), { status: 'sent', sent_at: 5, tries: 1 })
  t.match(fold(asked, sent(5), { ...of, type: 'page_failed', at: 7, why: 'late', retry_at: 9 }), {
    status: 'sent',
    tries: 1,
    why: undefined
  })
  const stopped: PageEvent = { ...of, type: 'page_failed', at: 1, why: 'over', not_needed: true }
  t.match(fold(asked, stopped, sent(2)), { status: 'sent', not_needed: undefined }, 'it was under way and has arrived')
  t.match(fold(asked, stopped), { status: 'given_up', tries: 0 }, 'what was not tried is not counted as a try')
})

const incident = (more: Partial<Incident> = {}): Incident => ({
  ...evolve(undefined, {
    type: 'incident_opened',
    id: 'i-1',
    at: 0,
    kind: 'fire',
    zone: 'z',
    severity: 'red',
    because: { say: 'reported', with: { by: 'Zhang', text: '三楼有烟' } },
    sop: 'fire',
    needs: ['police'],
    ladder: usualLadder,
    ask: [],
    drill: false
  }),
  ...more
})
const names = { zone: '一号站台', unit: '巡逻一组', station: '人民广场' }
const occasions = ['opened', 'worsened', 'asked', 'overdue', 'reminder', 'over'] as const

t.test('a call says what, where, how bad, since when, why, what is asked, and where to answer', async t => {
  const { title, text, speech } = tell(incident(), 'opened', names, 'http://hub/#i-1', { since: '08:15' })
  t.equal(title['zh-CN'], '红色 I级火情 一号站台')
  t.equal(title.en, 'red I: fire, 一号站台')
  t.equal(
    text['zh-CN'],
    '红色 I级火情 一号站台\n08:15 起：Zhang报告：三楼有烟\n请巡逻一组签收并处置。\n在此签收：http://hub/#i-1\n人民广场'
  )
  t.equal(speech['zh-CN'], '一号站台，火情，红色，请巡逻一组立即签收')
})

t.test('an exercise says so before anything else, whatever the occasion', async t => {
  for (const occasion of occasions) {
    const { title, text, speech } = tell(incident({ drill: true }), occasion, names, undefined)
    for (const said of [title, text, speech]) {
      t.match(said['zh-CN'], /^【演练】/, occasion)
      t.match(said.en, /^EXERCISE /, occasion)
    }
    const real = tell(incident(), occasion, names, undefined)
    for (const said of [real.title, real.text, real.speech]) t.notMatch(`${said['zh-CN']}${said.en}`, /演练|EXERCISE/, occasion)
  }
})

t.test(
  'outside the station nobody reads who reported it, nor the description of a lost child; what is spoken aloud never has either',
  async t => {
    const outside = tell(incident(), 'opened', names, undefined, { outside: true })
    t.notMatch(outside.text['zh-CN'], /Zhang/)
    t.match(outside.text['zh-CN'], /三楼有烟/)
    const child = incident({ kind: 'lost_child', because: { say: 'reported', with: { by: 'Zhang', text: '红裙女孩' } } })
    t.notMatch(JSON.stringify(tell(child, 'opened', names, undefined, { outside: true })), /红裙女孩|Zhang/)
    for (const occasion of occasions) t.notMatch(JSON.stringify(tell(child, occasion, names, undefined).speech), /红裙女孩|Zhang/)
  }
)

t.test('the end of an incident that went into another is not told as the end of the danger', async t => {
  const { text, speech } = tell(incident({ phase: 'closed', merged_into: 'i-2' }), 'over', names, 'http://hub')
  t.match(text['zh-CN'], /并入/)
  t.notMatch(`${text['zh-CN']}${speech['zh-CN']}`, /结束|在此签收/)
  t.match(tell(incident(), 'over', names, undefined).text['zh-CN'], /警情已结束/)
})

t.test('what is spoken is short enough to be said twice in ten seconds', async t => {
  for (const kind of Object.keys(incidentKinds) as (keyof typeof incidentKinds)[])
    for (const occasion of occasions) {
      const { speech } = tell(incident({ kind, severity: 'yellow' }), occasion, names, undefined)
      // At four to five characters a second, punctuation not counted.
      const length = speech['zh-CN'].replace(/[，。\s]/g, '').length
      if (length > 28) t.fail(`${length} characters: ${speech['zh-CN']}`)
    }
})

const blanks = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort()
t.test('every word of a call, and every reason why it did not arrive, stands in both languages with the same blanks', async t => {
  for (const [key, label] of [...Object.entries(calls), ...Object.entries(troubles)]) {
    for (const locale of locales) t.ok(label[locale].trim(), `${key} in ${locale}`)
    const named = (text: string): string[] => blanks(text).filter(name => name !== 'unit')
    t.strictSame(named(label['zh-CN']), named(label.en), key)
    t.notMatch(label.en, /[一-鿿]/, `${key} is English in English`)
  }
  t.equal(new Set(Object.values(troubles).map(({ en }) => en)).size, Object.keys(troubles).length, 'no two reasons read alike')
  t.equal(sayTrouble(troubles.no_screen.en, 'zh-CN'), troubles.no_screen['zh-CN'])
  t.equal(sayTrouble('they answered 500', 'zh-CN'), 'they answered 500')
})
