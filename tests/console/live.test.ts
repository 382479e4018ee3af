import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { most_screens } from '../../edge/console/live.ts'
import { openPacing } from '../../edge/console/pacing.ts'
import { password } from '../support/fake-people.ts'
import { openTestConsole } from '../support/open-console.ts'
import { until } from '../support/until.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came
type Heard = { id: string; event: string; data: any }
type Screen = { heard: Heard[]; ended: () => boolean; leave: () => void; status: number; last: () => string }

const cookieFor = async (url: string, name: string): Promise<string> => {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password })
  })
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

const watch = async (t: Test, url: string, cookie: string, headers: Record<string, string> = {}, query = ''): Promise<Screen> => {
  const leaving = new AbortController()
  t.teardown(() => leaving.abort())
  const answer = await fetch(`${url}/api/live${query}`, { headers: { cookie, ...headers }, signal: leaving.signal })
  const heard: Heard[] = []
  let ended = false
  const read = async (): Promise<void> => {
    let rest = ''
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const parts = (rest + chunk).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        const fields = Object.fromEntries(
          part.split('\n').map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])
        )
        // The board is what is true just now, whenever it is looked at: it has its own tests.
        if (fields.data !== undefined && fields.event !== 'board')
          heard.push({ id: fields.id ?? '', event: fields.event ?? '', data: JSON.parse(fields.data) })
      }
    }
  }
  read().then(
    () => {
      ended = true
    },
    () => {
      ended = true
    }
  )
  return { heard, ended: () => ended, leave: () => leaving.abort(), status: answer.status, last: () => heard.at(-1)?.id ?? '' }
}

t.test('a screen hears what is true first, then what is new, in its own language', async t => {
  const { console, desk } = await openTestConsole(t)
  const cookie = await cookieFor(console.url, 'wang')
  const zh = await watch(t, console.url, cookie)
  const en = await watch(t, console.url, cookie, {}, '?locale=en')
  await until(() => zh.heard.length === 1 && en.heard.length === 1, 'both have their snapshot')
  t.equal(zh.heard[0]?.event, 'snapshot')
  t.strictSame(Object.keys(zh.heard[0]?.data), ['station', 'zones', 'board', 'alerts', 'incidents', 'cameras', 'devices'])
  desk.people('platform-1', 760)
  desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police'])
  await until(() => zh.heard.length === 5 && en.heard.length === 5, 'both have heard it all')
  t.strictSame(
    zh.heard.map(({ event }) => event),
    ['snapshot', 'zone', 'alert', 'incident', 'alert']
  )
  t.match(zh.heard[1]?.data, { level: 'red', level_label: '红色 I级' })
  t.match(en.heard[1]?.data, { level: 'red', level_label: 'red I' })
  t.match(zh.heard[3]?.data.because, /^密度 4\.2/)
  t.match(en.heard[3]?.data.because, /^density 4\.2/)
  for (const { id } of zh.heard) t.match(id, new RegExp(`^${desk.epoch}:\\d+$`))
})

t.test('a screen that comes back after an entry that wakes no screen goes on in order', async t => {
  const { console, desk } = await openTestConsole(t)
  const cookie = await cookieFor(console.url, 'wang')
  const before = await watch(t, console.url, cookie)
  await until(() => before.heard.length === 1, 'it has its snapshot')
  const incident = desk.raise({ kind: 'fire', zone: 'hall', severity: 'orange' }, ['fire'])
  await until(() => before.heard.some(({ event }) => event === 'incident'), 'it has heard of the fire')
  before.leave()
  await desk.note({ type: 'page_receipt', id: 'p-1', at: desk.clock.now(), incident: incident?.id ?? '', receipt: 'sent' })
  const after = await watch(t, console.url, cookie, { 'last-event-id': before.last() })
  await until(() => after.heard.some(({ event }) => event === 'station'), 'it is back')
  desk.people('hall', 12)
  await until(() => after.heard.some(({ data }) => data.people_count === 12), 'it hears what is new')
  const numbers = after.heard.map(({ id }) => Number(id.split(':')[1]))
  t.strictSame(
    numbers,
    [...numbers].sort((a, b) => a - b)
  )
})

t.test('a screen that comes back hears exactly what it missed, in order', async t => {
  const { console, desk } = await openTestConsole(t)
  const cookie = await cookieFor(console.url, 'wang')
  const before = await watch(t, console.url, cookie)
  const incident = desk.raise({ kind: 'fire', zone: 'hall' }, ['police', 'fire'])
  await until(() => before.heard.length === 4, 'the first part is heard')
  before.leave()
  for (const text of ['一', '二', '三']) desk.command(incident?.id ?? '', { type: 'note', by: 'li', text })
  const after = await watch(t, console.url, cookie, { 'last-event-id': before.last() })
  desk.command(incident?.id ?? '', { type: 'note', by: 'li', text: '四' })
  await until(() => after.heard.filter(({ event }) => event === 'incident').length === 4, 'the rest is heard')
  t.notOk(
    after.heard.some(({ event }) => event === 'snapshot'),
    'nothing is told twice'
  )
  const ids = [...before.heard, ...after.heard].filter(({ event }) => event === 'incident').map(({ id }) => Number(id.split(':')[1]))
  t.strictSame(ids, [4, 6, 7, 8, 9], 'after the start of the station, and without the linking of its alert')
  t.ok(
    after.heard.some(({ event }) => event === 'zone'),
    'zones are told as they are now'
  )
})

t.test('signing out ends every open stream of that session within two seconds', async t => {
  const { console } = await openTestConsole(t)
  const cookie = await cookieFor(console.url, 'wang')
  const other = await cookieFor(console.url, 'li')
  const screen = await watch(t, console.url, cookie)
  const others = await watch(t, console.url, other)
  await fetch(`${console.url}/api/session`, { method: 'DELETE', headers: { cookie } })
  await until(screen.ended, 'the stream has ended', 2000)
  t.notOk(others.ended())
})

t.test('a screen that does not read is closed at one megabyte, the others hear on', async t => {
  const { console, desk } = await openTestConsole(t)
  const cookie = await cookieFor(console.url, 'wang')
  const frozen = connect(console.port, '127.0.0.1')
  t.teardown(() => frozen.destroy())
  frozen.on('error', () => undefined)
  frozen.write(`GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:${console.port}\r\nCookie: ${cookie}\r\n\r\n`)
  await new Promise(resolve => frozen.once('data', resolve))
  frozen.pause()
  const screen = await watch(t, console.url, cookie)
  const incident = desk.raise({ kind: 'fire', zone: 'hall' }, ['police', 'fire'])
  let notes = 0
  await until(
    () => {
      // Few at a time: what is said in one breath would make the one that reads too slow as well.
      for (let i = 0; i < 2; i++) desk.command(incident?.id ?? '', { type: 'note', by: 'li', text: `${notes++} ${'字'.repeat(1500)}` })
      return console.counters().live_screens_too_slow_total === 1
    },
    'the slow one is let go',
    30_000
  )
  await until(() => screen.heard.at(-1)?.data.notes?.length === notes, 'the other has heard the last word')
  t.equal(console.counters().live_screens, 1)
})

t.test('no more screens than can be served: one more is told so', async t => {
  const { console } = await openTestConsole(t)
  const cookie = await cookieFor(console.url, 'wang')
  const screens = await Promise.all(Array.from({ length: most_screens }, () => watch(t, console.url, cookie)))
  await until(() => screens.every(({ heard }) => heard.length === 1), 'all have their snapshot')
  const one = await fetch(`${console.url}/api/live`, { headers: { cookie } })
  t.equal(one.status, 503)
  t.match(await one.json(), { code: 'too_many_screens' })
})

type Step = { readonly severity?: string; readonly kind?: string; readonly type?: string }
/** Steps said to a pacing, and what it told, in order; and whether a screen cut off anywhere would hear all it has missed. */
const openStorm = (t: Test) => {
  const told: { id: number; seq: number; subject: string }[] = []
  const pacing = openPacing(({ id, data }) => {
    const { id: subject, seq } = data as { id: string; seq: number }
    told.push({ id: Number(id), seq, subject })
  })
  t.teardown(pacing.close)
  const newest = new Map<string, number>()
  let seq = 0
  const say = (subject: string, { severity = 'yellow', kind = 'heat', type = 'alert' }: Step = {}): void => {
    newest.set(subject, ++seq)
    pacing.say({ id: String(seq), type, data: { id: subject, seq, severity, kind } })
  }
  const missesNothing = async (): Promise<void> => {
    await until(() => pacing.waiting() === 0, 'all has been told')
    const last = new Map(told.map(one => [one.subject, one.seq]))
    t.same(last, newest, 'each as it is now')
    const heard = new Map<string, number>()
    for (const { id, seq: one, subject } of told) {
      heard.set(subject, one)
      for (const [subject, seq] of newest) if (seq <= id && (heard.get(subject) ?? 0) < seq) t.fail(`${subject} was missed at ${id}`)
    }
    t.equal(told.at(-1)?.id, seq, 'and the last word leaves nothing to be heard again')
  }
  return { told, say, waiting: pacing.waiting, missesNothing, place: (subject: string) => told.findIndex(one => one.subject === subject) }
}

t.test('in a storm each alert is told once in a while, red goes ahead, and who comes back at any moment misses nothing', async t => {
  const { told, say, missesNothing } = openStorm(t)
  for (let n = 1; n <= 5000; n++) say(`a-${n % 300}`)
  say('fire', { severity: 'red', kind: 'fire' })
  say('press', { severity: 'red', kind: 'panic' })
  t.strictSame(
    told.slice(-2).map(({ subject }) => subject),
    ['fire', 'press'],
    'at once, before all that waits'
  )
  t.ok(told.length < 60, `${told.length} of 5002 steps were told at once`)
  await missesNothing()
  t.ok(told.length < 400, `and ${told.length} in all`)
})

t.test('the red incident behind a hundred red alarms is told in the next turn, not behind thousands that are blue', async t => {
  const { told, say, waiting, missesNothing, place } = openStorm(t)
  for (let n = 0; n < 500; n++) say(`blue-${n}`, { severity: 'blue' })
  for (let n = 0; n < 100; n++) say(`red-${n}`, { severity: 'red', kind: 'fire' })
  say('bell', { severity: 'red', kind: 'fire', type: 'incident' })
  t.equal(told.length, 70, 'the first, and twenty red ones')
  await until(() => place('bell') >= 0, 'the bell rings')
  t.equal(place('bell'), 70)
  t.ok(waiting() > 400, `${waiting()} still wait`)
  await missesNothing()
  t.equal(place('red-99'), 170, 'forty red ones a turn')
  t.ok(place('blue-60') < 170, 'and some of the others')
})

t.test('what changes all the time keeps its place among those who wait', async t => {
  const { say, missesNothing, place } = openStorm(t)
  for (let n = 0; n < 50; n++) say(`first-${n}`)
  say('busy')
  for (let n = 0; n < 200; n++) {
    say(`later-${n}`)
    say('busy')
  }
  await missesNothing()
  t.equal(place('busy'), 50)
})
