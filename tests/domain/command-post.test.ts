import fc from 'fast-check'
import t from 'tap'
import {
  type CommandPost,
  decideCommand,
  type HandoverCommand,
  type HandoverEvent,
  handover_within_ms,
  nextDueOfCommand,
  nobodyInCommand,
  type OpenItem,
  ownerAt,
  type Situation
} from '../../edge/domain/command-post.ts'
import { emptyRoster, evolveRoster, type RosterState } from '../../edge/domain/roster-state.ts'
import { unit } from '../support/duty.ts'

const commanders = ['li', 'wang', 'zhou']
const red: OpenItem = { id: 'i-red', severity: 'red' }
const second: OpenItem = { id: 'i-second', severity: 'red' }
const yellow: OpenItem = { id: 'i-yellow', severity: 'yellow' }

const after = (post: CommandPost, ...steps: readonly [number, HandoverCommand, (readonly OpenItem[])?][]): CommandPost =>
  steps.reduce((now, [at, command, open = [red, yellow]]) => {
    const decision = decideCommand(now, command, { open, commanders }, at)
    if ('refused' in decision) throw new Error(decision.refused)
    return decision.events.reduce((state, event) => evolveRoster({ ...emptyRoster, command: state }, event).command, now)
  }, post)
const no = (post: CommandPost, command: HandoverCommand, at = 0, open: readonly OpenItem[] = [red, yellow]) => {
  const decision = decideCommand(post, command, { open, commanders }, at)
  return 'refused' in decision ? decision : 'done'
}
const take = (by: string): HandoverCommand => ({ type: 'take', id: 'h-take', by, reason: 'begin of duty' })
const offer: HandoverCommand = { type: 'offer', id: 'h-1', by: 'li', to: 'wang', text: 'gate B is closed until nine' }
const readBack = (...items: string[]): HandoverCommand => ({ type: 'read_back', by: 'wang', items, text: 'gate B closed, one red' })
const confirm: HandoverCommand = { type: 'confirm', by: 'li' }
const held = after(nobodyInCommand, [0, take('li')])

t.test('command passes with one event, after the receiver has said back every red incident and the giver confirmed [D14]', async t => {
  const offered = after(held, [1, offer])
  t.equal(offered.holder, 'li', 'an offer changes nothing')
  const read = after(offered, [2, readBack('i-red')])
  t.equal(read.holder, 'li', 'nor does a read-back')
  const decision = decideCommand(read, confirm, { open: [red, yellow], commanders }, 3)
  if ('refused' in decision) throw new Error(decision.refused)
  t.equal(decision.events.length, 1)
  t.strictSame(after(read, [3, confirm]), { holder: 'wang', since: 3 })
})

t.test('a read-back that leaves out a red incident is refused, and told which', async t => {
  const offered = after(held, [1, offer])
  t.strictSame(no(offered, readBack('i-yellow'), 2), { refused: 'read_back_incomplete', missing: ['i-red'] })
  t.strictSame(no(offered, readBack('i-red'), 2, [red, second]), { refused: 'read_back_incomplete', missing: ['i-second'] })
})

t.test('what became red after the read-back must be read back before command passes', async t => {
  const read = after(held, [1, offer], [2, readBack('i-red')])
  t.strictSame(no(read, confirm, 3, [red, second]), { refused: 'read_back_incomplete', missing: ['i-second'] })
  t.equal(after(read, [4, readBack('i-red', 'i-second'), [red, second]], [5, confirm, [red, second]]).holder, 'wang')
})

t.test('who does nothing leaves the command where it is', async t => {
  const offered = after(held, [1, offer])
  t.strictSame(nextDueOfCommand(offered), { at: 1 + handover_within_ms, command: { type: 'expire' } })
  t.strictSame(no(offered, readBack('i-red'), 1 + handover_within_ms), { refused: 'no_handover' }, 'also before the timer has run')
  t.strictSame(after(offered, [1 + handover_within_ms, { type: 'expire' }]), held)
  t.strictSame(after(offered, [handover_within_ms, { type: 'expire' }]), offered, 'a timer that rings early ends nothing')
  const again = after(offered, [1 + handover_within_ms, { ...offer, id: 'h-2' } as HandoverCommand])
  t.equal(again.offer?.id, 'h-2', 'one that is over is not in the way')
})

t.test('an offer can be taken back by who made it, and declined with a reason by whom it was made to', async t => {
  const offered = after(held, [1, offer])
  t.strictSame(after(offered, [2, { type: 'withdraw', by: 'li' }]), held)
  t.strictSame(after(offered, [2, { type: 'decline', by: 'wang', reason: 'I am on scene' }]), held)
  t.match(no(offered, { type: 'decline', by: 'wang', reason: ' ' }, 2), { refused: 'reason_missing' })
  t.match(no(offered, { type: 'decline', by: 'zhou', reason: 'x' }, 2), { refused: 'not_offered_to_you' })
  t.match(no(offered, { type: 'withdraw', by: 'wang' }, 2), { refused: 'not_in_command' })
})

t.test('another duty commander takes the command when the giver does not answer, and says why', async t => {
  const taken = after(held, [1, offer], [2, take('zhou')])
  t.strictSame(taken, { holder: 'zhou', since: 2 }, 'the offer is gone with it')
  t.match(no(held, { type: 'take', id: 'h', by: 'zhou', reason: '' }), { refused: 'reason_missing' })
  t.match(no(held, { type: 'take', id: 'h', by: 'chen', reason: 'x' }), { refused: 'not_a_commander' })
  t.match(no(held, take('li')), { refused: 'already_in_command' })
  const decision = decideCommand(held, take('zhou'), { open: [red], commanders }, 5)
  t.match(decision, { events: [{ from: 'li', by: 'zhou', reason: 'begin of duty', items: [red] }] })
})

t.test('every step by the wrong person or at the wrong time is refused with its reason', async t => {
  const offered = after(held, [1, offer])
  t.match(no(nobodyInCommand, offer), { refused: 'not_in_command' })
  t.match(no(held, { ...offer, to: 'li' } as HandoverCommand), { refused: 'already_in_command' })
  t.match(no(held, { ...offer, to: 'chen' } as HandoverCommand), { refused: 'not_a_commander' })
  t.match(no(offered, { ...offer, to: 'zhou' } as HandoverCommand, 2), { refused: 'handover_under_way' })
  t.match(no(offered, { ...readBack('i-red'), by: 'zhou' } as HandoverCommand, 2), { refused: 'not_offered_to_you' })
  t.match(no(offered, confirm, 2), { refused: 'not_read_back' })
  t.match(no(held, confirm), { refused: 'no_handover' })
  t.match(no(held, readBack()), { refused: 'no_handover' })
  const read = after(offered, [2, readBack('i-red')])
  t.match(no(read, { type: 'confirm', by: 'wang' }, 3), { refused: 'not_in_command' })
  const lost = decideCommand(read, confirm, { open: [red], commanders: ['li', 'zhou'] }, 3)
  t.match(lost, { refused: 'not_a_commander' }, 'who lost the role meanwhile does not get the command')
})

const timezone = 'Asia/Shanghai'
const night = unit('night', 'police', { commands: true, shifts: [{ from: '20:00', to: '08:00' }] })
const morning = unit('morning', 'police', { commands: true, shifts: [{ from: '08:00', to: '20:00' }] })

t.test('before anybody has taken the command, the commanding unit on duty owns what is open; then any; then the first agency', async t => {
  const noon = Date.parse('2026-11-24T12:00+08:00')
  const owner = (units: readonly ReturnType<typeof unit>[], post = nobodyInCommand, people?: readonly string[]) =>
    ownerAt(
      post,
      {
        units,
        timezone,
        ...(people && { people: people.map(name => ({ name, agency: 'police', roles: [], qualifications: [] })) })
      },
      'police',
      noon
    )
  t.strictSame(owner([night, morning]), { kind: 'unit', id: 'morning' })
  t.strictSame(owner([night]), { kind: 'unit', id: 'night' }, 'off duty is better than nobody')
  t.strictSame(owner([unit('p', 'police')]), { kind: 'agency', id: 'police' })
  t.strictSame(owner([morning], held), { kind: 'person', id: 'li' })
  t.strictSame(owner([morning], held, ['wang']), { kind: 'unit', id: 'morning' }, 'who no longer works here holds nothing')
})

t.test('the middle of a hand-over whose beginning a damaged journal lost leaves the command where it was', async t => {
  const lost: HandoverEvent = { type: 'handover_read_back', id: 'h-9', at: 1, by: 'wang', items: [], text: '', expires_at: 9 }
  t.strictSame(evolveRoster({ changes: [], command: held }, lost).command, held)
})

type Step = {
  readonly what: number
  readonly who: number
  readonly to: number
  readonly waits: number
  readonly names: number
  readonly apt: boolean
}
const steps = fc.array(
  fc.record({
    what: fc.nat({ max: 13 }),
    who: fc.nat({ max: 3 }),
    to: fc.nat({ max: 3 }),
    waits: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 1000 }) },
      { weight: 1, arbitrary: fc.constantFrom(handover_within_ms - 1, handover_within_ms, handover_within_ms + 1) }
    ),
    names: fc.nat({ max: 3 }),
    /** Done by the person whose turn it is: by chance alone hardly any hand-over would come to its end. */
    apt: fc.integer({ min: 0, max: 3 }).map(n => n > 0)
  }),
  { minLength: 12, maxLength: 40, size: 'max' }
)

t.test('in no history, restarts and all, is there a moment in which an open red incident has no owner or two', async t => {
  const roster = { units: [night, morning], timezone }
  const people = [...commanders, 'chen']
  let passed_total = 0
  let taken_total = 0
  let restarts_total = 0
  fc.assert(
    fc.property(steps, (history: readonly Step[]) => {
      // The plain reference: one name, changed by a confirmation and by taking, and by nothing else.
      let model: string | undefined
      let offered: { to: string; from: string; until: number; named: readonly string[] | undefined } | undefined
      let open: readonly OpenItem[] = [red]
      let made = 0
      let at = 0
      let state: RosterState = emptyRoster
      const journal: HandoverEvent[] = []
      const record = (events: readonly HandoverEvent[]): void => {
        for (const event of events) {
          journal.push(event)
          state = evolveRoster(state, event)
        }
      }
      const situation = (): Situation => ({ open, commanders })
      const owned = (when: number): void => {
        const owner = ownerAt(state.command, roster, 'police', when)
        const expected = model === undefined ? 'unit' : model
        if ((owner.kind === 'person' ? owner.id : owner.kind) !== expected)
          throw new Error(`at ${when} ${JSON.stringify(owner)} owns, not ${expected}`)
      }
      const rings = (): void => {
        const due = nextDueOfCommand(state.command)
        if (due === undefined || due.at > at) return
        const decision = decideCommand(state.command, due.command, situation(), at)
        if ('refused' in decision || decision.events.length !== 1) throw new Error('a deadline was lost')
        record(decision.events)
        offered = undefined
      }
      for (const { what, who, to, waits, names, apt } of history) {
        for (const moment of [at, at + waits / 2]) owned(moment)
        at += waits
        const turn = what < 3 ? model : what < 6 ? offered?.to : what < 9 ? offered?.from : undefined
        const by = (apt ? turn : undefined) ?? (people[who] as string)
        const other = people[to] as string
        const named = open.filter((_, i) => apt || i < names).map(({ id }) => id)
        const whole = open.every(({ id, severity }) => severity !== 'red' || named.includes(id))
        if (what === 13) {
          // A restart: everything is folded anew, and what fell due meanwhile happens now.
          restarts_total++
          const folded = (JSON.parse(JSON.stringify(journal)) as HandoverEvent[]).reduce(evolveRoster, emptyRoster)
          if (JSON.stringify(folded) !== JSON.stringify(state)) throw new Error('replay gives another state')
          state = folded
          rings()
          continue
        }
        if (what === 12) {
          open = open.length < 3 ? [...open, { id: `i-${made++}`, severity: names === 0 ? 'yellow' : 'red' }] : open.slice(1)
          continue
        }
        // The timer is sometimes late: a station that is busy, or was down.
        if (waits % 3 !== 1) rings()
        const valid = offered !== undefined && at < offered.until ? offered : undefined
        const command: HandoverCommand =
          what < 3
            ? { type: 'offer', id: `h-${made++}`, by, to: other, text: '' }
            : what < 6
              ? { type: 'read_back', by, items: named, text: '' }
              : what < 8
                ? { type: 'confirm', by }
                : what === 8
                  ? { type: 'withdraw', by }
                  : what === 9
                    ? { type: 'decline', by, reason: 'x' }
                    : { type: 'take', id: `h-${made++}`, by, reason: what === 10 ? 'x' : ' ' }
        const decision = decideCommand(state.command, command, situation(), at)
        const done = !('refused' in decision)
        const may = ((): boolean => {
          switch (command.type) {
            case 'offer':
              return model === by && other !== by && commanders.includes(other) && valid === undefined
            case 'read_back':
              return valid?.to === by && whole
            case 'confirm':
              return (
                valid?.from === by &&
                valid.named !== undefined &&
                open.every(({ id, severity }) => severity !== 'red' || valid.named?.includes(id))
              )
            case 'withdraw':
              return valid?.from === by
            case 'decline':
              return valid?.to === by
            case 'take':
              return commanders.includes(by) && model !== by && command.reason !== ' '
            default:
              return false
          }
        })()
        if (done !== may) throw new Error(`${JSON.stringify(command)} at ${at}: ${JSON.stringify(decision)}`)
        if (!done) continue
        record(decision.events)
        if (command.type === 'offer') offered = { from: by, to: other, until: at + handover_within_ms, named: undefined }
        else if (command.type === 'read_back' && valid !== undefined) offered = { ...valid, until: at + handover_within_ms, named }
        else {
          if (command.type === 'confirm' && valid !== undefined) {
            model = valid.to
            passed_total++
          }
          if (command.type === 'take') {
            model = by
            taken_total++
          }
          offered = undefined
        }
        owned(at)
      }
      // Read from the journal alone, ownership is one unbroken chain: each takes over from who had it, at the same moment.
      let chain: string | undefined
      for (const event of journal) {
        if (event.type === 'handover_confirmed') {
          if (event.by !== chain) throw new Error(`${event.by} gave what ${chain} held`)
          chain = event.to
        }
        if (event.type === 'handover_taken') {
          if (event.from !== chain) throw new Error(`taken from ${event.from}, held by ${chain}`)
          chain = event.by
        }
      }
      if (chain !== model) throw new Error('the journal tells another holder')
    }),
    { numRuns: 40_000 }
  )
  t.ok(passed_total > 500, `command passed by read-back ${passed_total} times`)
  t.ok(taken_total > 10_000 && restarts_total > 10_000, `taken ${taken_total} times, ${restarts_total} restarts`)
})
