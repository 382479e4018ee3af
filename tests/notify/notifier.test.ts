import fc from 'fast-check'
import t, { type Test } from 'tap'
import { backoff_ms, evolvePage, nextDueOfPage, type Page, type PageEvent } from '../../edge/domain/delivery.ts'
import { evolve, type Incident } from '../../edge/domain/incident.ts'
import { usualLadder } from '../../edge/domain/templates/template.ts'
import type { Severity } from '../../edge/domain/vocabulary.ts'
import { troubles } from '../../edge/domain/words.ts'
import type { Message, OpenChannel, Sent } from '../../edge/notify/channel.ts'
import { type Lane, type NotifierParts, openNotifier } from '../../edge/notify/notifier.ts'
import { minutes, type StillClock, seconds, stillClock } from '../support/clock.ts'
import { message } from '../support/vendor.ts'

const start = stillClock().now()
const unit = (id: string) => ({ unit: id, agency: 'police' as const })
const patrol = [unit('patrol-1')]
const incident = (
  more: { readonly id?: string; readonly severity?: Severity; readonly drill?: boolean; readonly at?: number } = {}
): Incident =>
  evolve(undefined, {
    type: 'incident_opened',
    id: 'i-1',
    at: start,
    kind: 'fire',
    zone: 'z',
    severity: 'red',
    because: { say: 'flag_set', with: { quantity: 'smoke_alarm' } },
    sop: 'fire',
    needs: ['police'],
    ladder: usualLadder,
    ask: patrol,
    drill: false,
    ...more
  })
const said = (one: Incident, status: 'shown' | 'heard' | 'acknowledged' | 'en_route' | 'declined', at: number): Incident =>
  evolve(one, { type: 'incident_response', id: one.id, at, unit: 'patrol-1', by: 'li', status, reason: 'r' })
const closed = (one: Incident, at: number): Incident =>
  evolve(one, { type: 'incident_closed', id: one.id, at, by: 'li', outcome: 'resolved' })

type Station = ReturnType<typeof open>
/** A notifier over a state of its own, folded as the station folds it; `lanes` answer what they are told to. */
const open = (
  t: Pick<Test, 'teardown'> | undefined,
  lanes: readonly Lane[],
  {
    clock = stillClock(),
    pages = new Map<string, Page>(),
    ...more
  }: Partial<Omit<NotifierParts, 'pages'>> & {
    readonly clock?: StillClock
    readonly pages?: Map<string, Page>
  } = {}
) => {
  const events: PageEvent[] = []
  const notifier = openNotifier({
    clock,
    lanes,
    local: at => new Date(at).toISOString().slice(11, 16),
    pages: () => pages,
    describe: async ({ id, severity, unit, occasion }) => message({ id, severity, unit, occasion }),
    log: () => undefined,
    random: () => 0,
    record: async said => {
      for (const event of said) {
        events.push(event)
        const page = evolvePage(pages.get(event.id), event)
        if (page) pages.set(page.id, page)
      }
    },
    ...more
  })
  t?.teardown(() => notifier.close())
  return { notifier, clock, pages, events, all: () => [...pages.values()] }
}
/** Everything that can happen without time passing has happened. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve))
}
const passes = async ({ clock }: Station, ms: number, step_ms = 1000): Promise<void> => {
  await settled()
  for (let done = 0; done < ms; done += step_ms) {
    clock.advance(step_ms)
    await settled()
  }
}
const lane = (id: string, send: OpenChannel['send'], more: Partial<Lane> = {}, channel: Partial<OpenChannel> = {}): Lane => ({
  id,
  outside: true,
  channel: { send, ...channel },
  ...more
})
const well = async (): Promise<Sent> => ({ receipt: 'sent' })
const busy = async (): Promise<Sent> => ({ failed: 'busy', retry: true })
const hangs = (): Promise<Sent> => new Promise(() => undefined)
const brief = ({ channel, unit, occasion, status }: Page): string => `${channel} ${unit} ${occasion} ${status}`

t.test('a channel that hangs for ever, with a thousand pages behind it, delays no other', async t => {
  const station = open(t, [lane('hangs', hangs), lane('works', well)])
  const began = performance.now()
  for (let n = 0; n < 1000; n++) station.notifier.call(incident({ id: `i-${n}` }), patrol, 'opened')
  await settled()
  const took = performance.now() - began
  t.equal(station.all().filter(({ channel, status }) => channel === 'works' && status === 'sent').length, 1000)
  t.equal(station.all().filter(({ channel, status }) => channel === 'hangs' && status === 'waiting').length, 1000)
  t.ok(took < 2000, `${Math.round(took)} ms for a thousand`)
  t.match(station.notifier.health(), [
    { id: 'hangs', trying: 4, waiting: 996 },
    { id: 'works', trying: 0, waiting: 0 }
  ])
})

t.test('a try that hangs is ended in its time, and the page is tried again', async t => {
  let aborted = false
  const deaf = async (_: Message, signal: AbortSignal): Promise<Sent> => {
    signal.addEventListener('abort', () => (aborted = true))
    return hangs()
  }
  const station = open(t, [lane('deaf', deaf)], { try_within_ms: 20 })
  station.notifier.call(incident(), patrol, 'opened')
  await new Promise<void>(resolve => {
    const look = (): unknown => (station.all()[0]?.status === 'failing' ? resolve() : setTimeout(look, 5))
    look()
  })
  t.ok(aborted)
  t.match(station.all(), [{ status: 'failing', why: troubles.no_answer.en, due_at: start + backoff_ms(1) }])
  t.match(station.notifier.health(), [{ failing_since: start, why: troubles.no_answer.en }])
})

t.test('a failed try waits longer each time, and is given up at the deadline, with the reason', async t => {
  let tries = 0
  const station = open(t, [
    lane('bad', () => {
      tries++
      throw new Error('it broke')
    })
  ])
  station.notifier.call(incident(), patrol, 'opened')
  await passes(station, minutes(11))
  t.match(station.all(), [{ status: 'given_up', why: 'it broke', due_at: undefined, tries }])
  const waits = station.events.flatMap(event => (event.type === 'page_failed' && event.retry_at ? [event.retry_at - event.at] : []))
  t.strictSame(waits.slice(0, 7), [1, 2, 5, 10, 30, 60, 60].map(seconds))
  t.equal(tries, 15)
  t.match(station.notifier.counters(), { pages_asked_total: 1, pages_failed_total: 14, pages_given_up_total: 1, pages_waiting: 0 })
})

t.test('what cannot help is not tried again; what asks for time gets it', async t => {
  const answers: Sent[] = [
    { failed: 'later', retry: true, after_ms: 20_000 },
    { failed: 'wrong token', retry: false }
  ]
  const station = open(t, [lane('x', async () => answers.shift() ?? { receipt: 'sent' })])
  station.notifier.call(incident(), patrol, 'opened')
  await settled()
  t.match(station.events.at(-1), { type: 'page_failed', retry_at: start + 20_000 })
  await passes(station, 20_000)
  t.match(station.all(), [{ status: 'given_up', why: 'wrong token', tries: 2 }])
})

t.test('who has answered is not called any more; what had reached them was answered', async t => {
  const station = open(t, [lane('bad', busy), lane('well', well)])
  const asked = incident()
  station.notifier.call(asked, patrol, 'opened')
  await settled()
  station.notifier.changed(said(asked, 'acknowledged', start + 1))
  station.notifier.changed(said(asked, 'acknowledged', start + 1))
  await passes(station, minutes(20), 10_000)
  t.match(station.all(), [
    { channel: 'bad', status: 'given_up', not_needed: true, why: troubles.unit_answered.en, tries: 1 },
    { channel: 'well', status: 'answered', sent_at: start }
  ])
  t.match(station.notifier.counters(), { pages_not_needed_total: 1, pages_given_up_total: 0, pages_sent_total: 1 })
})

t.test('who cannot come has answered too', async t => {
  const station = open(t, [lane('well', well)])
  station.notifier.call(incident(), patrol, 'opened')
  await settled()
  station.notifier.changed(said(incident(), 'declined', start + 1))
  t.match(station.all(), [{ status: 'answered' }])
})

t.test('who was on the way already when it grew worse is still told that it is worse', async t => {
  const station = open(t, [lane('bad', busy)])
  const going = said(incident({ severity: 'orange' }), 'acknowledged', start)
  station.clock.advance(1000)
  const worse: Incident = { ...going, severity: 'red' }
  station.notifier.call(worse, patrol, 'worsened')
  station.notifier.changed(worse)
  await settled()
  t.match(station.all(), [{ occasion: 'worsened', status: 'failing' }])
  station.notifier.changed(said(worse, 'en_route', start + 2000))
  t.match(station.all(), [{ occasion: 'worsened', status: 'given_up', not_needed: true }])
})

t.test('what the screen says of itself is the receipt of the screen and of no other channel', async t => {
  const station = open(t, [lane('screen', busy, { outside: false }), lane('sms', well)])
  station.notifier.call(incident(), patrol, 'opened')
  await settled()
  station.notifier.changed(said(incident(), 'shown', start + 1))
  t.match(station.all(), [
    { channel: 'screen', status: 'shown', due_at: undefined },
    { channel: 'sms', status: 'sent' }
  ])
  station.notifier.changed(said(said(incident(), 'shown', start + 1), 'heard', start + 2))
  t.match(station.all(), [
    { channel: 'screen', status: 'heard' },
    { channel: 'sms', shown_at: undefined }
  ])
})

t.test('a newer call to the same unit by the same channel stands for the older one that still waits', async t => {
  const station = open(t, [lane('bad', busy)])
  station.notifier.call(incident({ severity: 'orange' }), patrol, 'opened')
  await settled()
  station.notifier.call(incident(), [...patrol, unit('patrol-2')], 'worsened')
  station.notifier.call(incident(), patrol, 'overdue')
  await settled()
  t.strictSame(station.all().map(brief), [
    'bad patrol-1 opened given_up',
    'bad patrol-1 worsened failing',
    'bad patrol-2 worsened failing',
    'bad patrol-1 overdue failing'
  ])
  t.match(station.all(), [{ why: troubles.newer_call.en, not_needed: true }])
})

t.test('what is over calls nobody; whoever was reached hears by the same channel that it is over', async t => {
  const station = open(t, [lane('bad', busy), lane('well', well, { from: 'orange' }), lane('screen', well, { outside: false })])
  station.notifier.call(incident(), patrol, 'opened')
  await settled()
  const over: Incident = { ...closed(incident(), start + 1), severity: 'yellow' }
  station.notifier.call(over, [], 'over')
  station.notifier.changed(over)
  await settled()
  t.strictSame(station.all().map(brief), [
    'bad patrol-1 opened given_up',
    'well patrol-1 opened sent',
    'screen patrol-1 opened sent',
    'well patrol-1 over sent',
    'screen patrol-1 over sent'
  ])
})

t.test('an incident that is opened again is not said to be over', async t => {
  let broken = false
  const station = open(t, [lane('x', () => (broken ? busy() : well()))])
  station.notifier.call(incident(), patrol, 'opened')
  await settled()
  broken = true
  station.notifier.call(closed(incident(), start + 1), [], 'over')
  await settled()
  station.notifier.changed(incident())
  t.match(station.all(), [{ status: 'sent' }, { occasion: 'over', status: 'given_up', why: troubles.goes_on.en }])
})

t.test('what is in public is called once for all units that are called at once', async t => {
  const station = open(t, [lane('siren', well, {}, { in_public: true }), lane('sms', well)])
  station.notifier.call(incident(), [unit('a'), unit('b'), unit('c')], 'opened')
  await settled()
  t.strictSame(station.all().map(brief), ['siren a opened sent', 'sms a opened sent', 'sms b opened sent', 'sms c opened sent'])
})

t.test('an exercise uses the station’s own screens and nothing else, from its beginning to its end', async t => {
  const station = open(t, [lane('sms', well), lane('siren', well, {}, { in_public: true }), lane('screen', well, { outside: false })])
  const exercise = incident({ drill: true })
  station.notifier.call(exercise, patrol, 'opened')
  await settled()
  station.notifier.call(closed(exercise, start), [], 'over')
  await settled()
  t.strictSame(station.all().map(brief), ['screen patrol-1 opened sent', 'screen patrol-1 over sent'])
})

t.test('quiet hours put a call off until they end; red is called at once, and a call that grew red does not wait', async t => {
  const told: string[] = []
  const bot = lane(
    'bot',
    async ({ severity }) => {
      told.push(severity)
      return { receipt: 'sent' }
    },
    { quiet: { from: '07:30', to: '09:00' } }
  )
  const station = open(t, [bot])
  station.notifier.call(incident({ severity: 'yellow' }), patrol, 'opened')
  station.notifier.call(incident({ id: 'i-2', severity: 'yellow' }), patrol, 'opened')
  await passes(station, minutes(59), 30_000)
  t.strictSame(told, [])
  station.notifier.call(incident({ id: 'i-2' }), patrol, 'worsened')
  await settled()
  t.strictSame(told, ['red'])
  await passes(station, minutes(1))
  t.strictSame(told, ['red', 'yellow'])
  t.match(station.all(), [{ status: 'sent' }, { not_needed: true }, { status: 'sent' }])
})

t.test('red goes first, and one place is kept for it', async t => {
  const order: string[] = []
  const free: (() => void)[] = []
  const slow = async ({ unit }: Message): Promise<Sent> => {
    order.push(unit)
    await new Promise<void>(resolve => free.push(resolve))
    return { receipt: 'sent' }
  }
  const station = open(t, [lane('x', slow)])
  for (const severity of ['yellow', 'blue', 'orange', 'red'] as const)
    for (const n of [1, 2, 3]) station.notifier.call(incident({ id: `${severity}-${n}`, severity }), [unit(`${severity}-${n}`)], 'opened')
  await settled()
  t.strictSame(order, ['red-1', 'red-2', 'red-3'], 'three red ones, and nobody in the place for the next red one')
  station.notifier.call(incident({ id: 'late' }), [unit('late')], 'opened')
  await settled()
  t.equal(order.at(-1), 'late', 'which is tried at once')
  for (let n = 0; n < 13; n++) {
    free.shift()?.()
    await settled()
  }
  t.strictSame(
    order.slice(4).map(id => id.slice(0, 2)),
    ['or', 'or', 'or', 'ye', 'ye', 'ye', 'bl', 'bl', 'bl']
  )
})

t.test('when too many wait, the oldest of the least grave is let go, never red before it, and it is counted', async t => {
  const station = open(t, [lane('hangs', hangs, {}, { at_once: 1 })], { most_waiting: 3 })
  for (const [id, severity] of [
    ['1', 'red'],
    ['2', 'yellow'],
    ['3', 'yellow'],
    ['4', 'red'],
    ['5', 'red']
  ] as const) {
    station.notifier.call(incident({ id, severity }), patrol, 'opened')
    await settled()
  }
  t.strictSame(
    station.all().map(({ incident, status }) => `${incident} ${status}`),
    ['1 waiting', '2 given_up', '3 given_up', '4 waiting', '5 waiting']
  )
  t.match(station.all()[1], { why: troubles.too_many.en })
  t.match(station.notifier.counters(), { pages_let_go_total: 2, pages_given_up_total: 2, pages_waiting: 2 })
})

t.test('what was still to be called when the station stopped is called when it starts again, under the same number', async t => {
  const first = open(t, [lane('x', busy), lane('hangs', hangs), lane('gone', busy)])
  first.notifier.call(incident(), patrol, 'opened')
  await settled()
  await first.notifier.close()
  t.match(first.all(), [{ status: 'failing' }, { status: 'waiting', tries: 0 }, { status: 'failing' }], 'closing is no failed try')
  const seen: string[] = []
  const hears = async ({ id }: Message): Promise<Sent> => {
    seen.push(id)
    return { receipt: 'sent' }
  }
  const second = open(t, [lane('x', hears), lane('hangs', hears)], { clock: first.clock, pages: first.pages })
  second.notifier.start()
  await passes(second, seconds(2))
  t.strictSame(seen.sort(), [...first.pages.keys()].slice(0, 2).sort())
  t.match(second.all(), [{ status: 'sent' }, { status: 'sent' }, { status: 'given_up', why: troubles.no_channel.en }])
})

t.test('what an incident went through while nobody listened ends its calls at the start', async t => {
  const first = open(t, [lane('x', busy), lane('y', well)])
  first.notifier.call(incident(), patrol, 'opened')
  await settled()
  await first.notifier.close()
  const second = open(t, [lane('x', busy), lane('y', well)], { clock: first.clock, pages: first.pages })
  second.notifier.changed(said(incident(), 'acknowledged', start + 1))
  second.notifier.start()
  t.match(second.all(), [{ status: 'given_up', not_needed: true }, { status: 'answered' }])
})

t.test('a page whose time was over while the station was down is given up, not sent', async t => {
  let tries = 0
  const first = open(t, [lane('x', busy)])
  first.notifier.call(incident(), patrol, 'opened')
  await settled()
  await first.notifier.close()
  first.clock.advance(minutes(30))
  const second = open(
    t,
    [
      lane('x', () => {
        tries++
        return well()
      })
    ],
    { clock: first.clock, pages: first.pages }
  )
  second.notifier.start()
  await settled()
  t.match(second.all(), [{ status: 'given_up', why: 'busy' }])
  t.equal(tries, 0)
})

t.test('a fault of ours loses no page and does not turn in circles', async t => {
  let asked = 0
  const broken = async (): Promise<Message> => {
    asked++
    throw new Error('no such zone')
  }
  const said: string[] = []
  const station = open(t, [lane('x', well)], { describe: broken, log: line => said.push(line) })
  station.notifier.call(incident(), patrol, 'opened')
  await passes(station, seconds(59))
  t.equal(asked, 1)
  await passes(station, seconds(2))
  t.equal(asked, 2)
  t.equal(said.length, 2)
})

t.test(
  'any history: every page ends, until then its next try is never lost, and none is sent twice but by a station that was killed',
  async t => {
    const step = fc.oneof(
      fc.constantFrom('call', 'worsened', 'overdue', 'over', 'shown', 'answer', 'restart', 'kill').map(what => ({ what, ms: 0 })),
      fc.integer({ min: 1, max: 400_000 }).map(ms => ({ what: 'pass', ms }))
    )
    const behaviour = fc.array(fc.constantFrom('send', 'busy', 'never', 'throw', 'hang'), { maxLength: 60 })
    let tries = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), behaviour, fc.integer({ min: 1, max: 12 }), async (steps, what, most) => {
        const script = [...what]
        const sent = new Map<string, number>()
        const send = async ({ id }: Message): Promise<Sent> => {
          tries++
          const next = script.shift() ?? 'send'
          if (next === 'throw') throw new Error('broken')
          if (next === 'hang') return hangs()
          if (next === 'send') sent.set(id, (sent.get(id) ?? 0) + 1)
          return next === 'send' ? { receipt: 'sent' } : { failed: next, retry: next !== 'never' }
        }
        const lanes = [lane('x', send), lane('screen', send, { outside: false }), lane('siren', send, {}, { in_public: true })]
        const clock = stillClock()
        const pages = new Map<string, Page>()
        const again = (): Station => open(undefined, lanes, { clock, pages, most_waiting: most, try_within_ms: 1 })
        let now = incident({ severity: 'yellow' })
        let station = again()
        const ready = (): void => {
          for (const page of pages.values()) {
            const ended = !['waiting', 'failing'].includes(page.status)
            if (ended === (nextDueOfPage(page) !== undefined)) throw new Error(`${page.status} with due ${page.due_at}`)
          }
        }
        for (const { what, ms } of steps) {
          if (what === 'call') station.notifier.call(now, [unit('patrol-1'), unit('patrol-2')], 'asked')
          else if (what === 'worsened') {
            now = { ...now, severity: 'red' }
            station.notifier.call(now, patrol, 'worsened')
          } else if (what === 'overdue') station.notifier.call(now, patrol, 'overdue')
          else if (what === 'over') {
            now = closed(now, clock.now())
            station.notifier.call(now, [], 'over')
          } else if (what === 'shown') now = said(now, 'shown', clock.now())
          else if (what === 'answer') now = said(now, 'acknowledged', clock.now())
          else if (what === 'pass') clock.advance(ms)
          else {
            // A kill leaves the old one without a word; it must not speak of the pages any more.
            const old = station
            if (what === 'restart') await old.notifier.close()
            else void old.notifier.close()
            station = again()
            station.notifier.changed(now)
            station.notifier.start()
          }
          station.notifier.changed(now)
          await settled()
          ready()
        }
        const deadline = performance.now() + 5000
        while ([...pages.values()].some(page => nextDueOfPage(page) !== undefined)) {
          if (performance.now() > deadline) throw new Error(`never ended: ${[...pages.values()].map(brief).join(', ')}`)
          clock.advance(seconds(60))
          await new Promise(resolve => setTimeout(resolve, 1))
          await settled()
          ready()
        }
        await station.notifier.close()
        for (const [id, times] of sent)
          if (times > 1 && !steps.some(({ what }) => what === 'kill')) throw new Error(`${id} sent ${times} times`)
      }),
      { numRuns: 300 }
    )
    // About 1,100: far fewer would mean that the histories no longer try anything.
    t.ok(tries > 500, `${tries} tries`)
  }
)
