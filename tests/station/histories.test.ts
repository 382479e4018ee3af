/**
 * Random histories of the whole station: sensors, crowds, silent devices, answers, shelves, works, closing, merging, kills and
 * restarts. What is promised is counted after every step: nothing raised is nobody's, and no deadline is lost over a restart.
 */
import fc from 'fast-check'
import t from 'tap'
import type { AlertCommand } from '../../edge/domain/alert.ts'
import { wiringOf } from '../../edge/domain/dependency.ts'
import type { Command } from '../../edge/domain/incident.ts'
import type { Template } from '../../edge/domain/templates/template.ts'
import type { Quantity, ResponseStatus, Role } from '../../edge/domain/vocabulary.ts'
import { minutes, type StillClock, seconds, stillClock } from '../support/clock.ts'
import { closedByTwo, definitions, hubZones, openStory, type Story } from '../support/duty.ts'
import { cityAgrees, many, mustBe, roundTrip, step } from '../support/histories.ts'
import { type MemoryJournal, memoryJournal } from '../support/memory-journal.ts'
import { accountsBalance, promisesHold, type Standing } from '../support/promises.ts'

// Every one of them is a whole station, on a machine that may be busy.
t.setTimeout(240_000)
const histories = many(1000)

/** Nothing is modelled here: the journal is the reference. */
type Nothing = object
type Life = Story & { readonly kill: () => void }
type World = { readonly clock: StillClock; readonly journal: MemoryJournal; life: Life }

const template = definitions.templates.get('transport-hub') as Template
const [platform = '', row = ''] = hubZones.map(({ id }) => id)
/** Some of them speak through one lamp; all of them fall silent together when the power dips. */
const devices = ['lamp-1', 'lamp-2', 'sensor-1', 'sensor-2', 'sensor-3', 'sensor-4']
const wiring = wiringOf(devices.map(id => ({ id, ...(id.startsWith('sensor') && { via: 'lamp-1' }) })))
const silent_after_s = 30

/** A life of the station: when it is killed its timers are gone, though time goes on. */
const live = (clock: StillClock, journal: MemoryJournal): Life => {
  let alive = true
  const mine: StillClock = { ...clock, wake: (at, call) => clock.wake(at, () => alive && call()) }
  const story = openStory({ clock: mine, journal, wiring })
  for (const device of devices) story.duty.watch.expect(device, platform, clock.now(), silent_after_s)
  clock.advance(0)
  return {
    ...story,
    kill: () => {
      alive = false
    }
  }
}

const act = (name: string, run: (world: World) => void) =>
  step<Nothing, World>(
    () => name,
    (_, world) => {
      run(world)
      world.clock.advance(0)
      promisesHold(world.life.duty.state, template, world.clock.now())
    }
  )
const of = <One>(all: ReadonlyMap<string, One>, nth: number): One | undefined => [...all.values()].at(-1 - nth)

const hear = (device: string, zone: string, quantity: Quantity, value: number) =>
  act(`${device} in ${zone} says ${quantity} ${value}`, ({ life }) => void life.hear(device, zone, quantity, value))
const crowd = (density: number, for_s: number) =>
  act(`${density} p/m² for ${for_s} s`, ({ life, clock }) => {
    for (let second = 0; second < for_s; second++) {
      void life.hear('cam-1', platform, 'density_per_m2', density)
      clock.advance(1000)
    }
  })
const speak = (some: readonly string[]) =>
  act(`${some.join()} speak`, ({ life }) => {
    for (const device of some) void life.hear(device, platform, 'battery_percent', 80)
  })
const report = (zone: string, text: string) =>
  act(`somebody in ${zone} says ${text}`, ({ life, clock }) => {
    void life.duty.report({ type: 'report_received', id: `r-${clock.now()}`, at: clock.now(), zone, kind: 'crowd', text, by: 'desk' })
  })
const wait = (ms: number) => act(`${ms} ms pass`, ({ clock }) => clock.advance(ms))

const toIncident = (nth: number, command: Command | ((unit: string, now: number) => Command), whom = 0) =>
  act(`incident ${nth}: ${typeof command === 'function' ? command('unit', 0).type : JSON.stringify(command)}`, ({ life, clock }) => {
    const incident = of(life.duty.state.incidents, nth)
    if (incident === undefined) return
    const units = Object.keys(incident.responses)
    const unit = units[whom % units.length] ?? 'nobody'
    life.duty.desk.command(incident.id, typeof command === 'function' ? command(unit, clock.now()) : command)
  })
const toAlert = (nth: number, command: AlertCommand) =>
  act(`alert ${nth}: ${JSON.stringify(command)}`, ({ life }) => {
    const alert = of(life.duty.state.alerts, nth)
    if (alert) life.duty.desk.alertCommand(alert.id, command)
  })
const allAnswer = (nth: number) =>
  act(`all answer ${nth}`, ({ life }) => {
    const incident = of(life.duty.state.incidents, nth)
    for (const unit of Object.keys(incident?.responses ?? {}))
      life.duty.desk.command(incident?.id ?? '', { type: 'acknowledge', unit, by: unit })
  })
const close = (nth: number) =>
  act(`incident ${nth} is cleared and closed`, ({ life }) => {
    const id = of(life.duty.state.incidents, nth)?.id ?? ''
    closedByTwo(life.duty, id, 'resolved')
  })
const reopen = (nth: number) =>
  act(
    `incident ${nth} is reopened`,
    ({ life }) => void life.duty.desk.reopen(of(life.duty.state.incidents, nth)?.id ?? '', 'wang', 'again')
  )
const merge = (nth: number, mth: number) =>
  act(`incident ${nth} goes into ${mth}`, ({ life }) => {
    const { incidents } = life.duty.state
    life.duty.desk.merge(of(incidents, nth)?.id ?? '', of(incidents, mth)?.id ?? '', 'wang', 'one danger')
  })
const split = (nth: number, most: number) =>
  act(`incident ${nth} is split`, ({ life }) => {
    const incident = of(life.duty.state.incidents, nth)
    const alerts = incident?.alerts.slice(0, most) ?? []
    life.duty.desk.split(incident?.id ?? '', { kind: 'other', zone: row, severity: 'orange', alerts, by: 'wang', reason: 'two dangers' })
  })
const byHand = (severity: 'yellow' | 'red') =>
  act(`opened by hand, ${severity}`, ({ life }) => void life.duty.desk.open({ kind: 'dispute', zone: row, severity, text: 'x', by: 'li' }))

const plan = (device: string | undefined, after_s: number, for_s: number) =>
  act(`works on ${device ?? platform} in ${after_s} s for ${for_s} s`, ({ life, clock }) => {
    const from = clock.now() + seconds(after_s)
    const covers = device === undefined ? { zone: platform } : { device }
    const patrol = { unit: 'guard-1', every_s: 60 }
    life.duty.desk.planMaintenance({ covers, owner: 'works', by: 'li', from, until: from + seconds(for_s), reason: 'new detector', patrol })
  })
const works = (nth: number, type: 'round' | 'end') =>
  act(
    `works ${nth}: ${type}`,
    ({ life }) => void life.duty.desk.maintain(of(life.duty.state.maintenance, nth)?.id ?? '', { type, by: 'guard' })
  )

/** Killed, or closed with a snapshot; what fell due while it was down acts as soon as it is there again. */
const restart = (how: 'killed' | 'closed', down_ms: number) =>
  act(`${how}, and down for ${down_ms} ms`, world => {
    const { life, clock, journal } = world
    if (how === 'closed') void life.duty.close()
    life.kill()
    // Everything said is on disk: what a power cut takes is the journal's own test (f02).
    journal.refuse(undefined)
    clock.advance(down_ms)
    world.life = live(clock, journal)
  })

const nth = fc.nat(2)
const status = fc.constantFrom<ResponseStatus>('shown', 'heard', 'acknowledged', 'en_route', 'on_scene', 'done', 'declined')
const role = fc.constantFrom<Role>('officer', 'duty_commander')
const anything: readonly fc.Arbitrary<fc.Command<Nothing, World>>[] = [
  fc
    .tuple(fc.constantFrom('smoke-1', 'smoke-2'), fc.constantFrom(platform, row), fc.nat(1))
    .map(([d, zone, value]) => hear(d, zone, 'smoke_alarm', value)),
  fc
    .tuple(fc.constantFrom<[string, Quantity]>(['button-1', 'button_pressed'], ['leak-1', 'water_leak']), fc.nat(1))
    .map(([[d, quantity], value]) => hear(d, row, quantity, value)),
  fc.constantFrom(1, 10, 30).map(lel => hear('gas-1', row, 'gas_lel_percent', lel)),
  fc.tuple(fc.constantFrom(1, 2.6, 3.4, 4.2), fc.constantFrom(3, 10)).map(([density, for_s]) => crowd(density, for_s)),
  fc.subarray(devices).map(speak),
  fc.tuple(fc.constantFrom(platform, row), fc.constantFrom('too many people', 'we are crushed')).map(([zone, text]) => report(zone, text)),
  fc.constantFrom(0, 1000, seconds(16), seconds(31), minutes(2)).map(wait),
  fc.constantFrom(seconds(16), seconds(31), minutes(2)).map(wait),
  fc.constant(wait(minutes(16))),
  fc
    .tuple(nth, status, fc.nat(6))
    .map(([n, s, whom]) => toIncident(n, unit => ({ type: 'respond', unit, by: unit, status: s, reason: 'x' }), whom)),
  fc.tuple(nth, fc.nat(6)).map(([n, whom]) => toIncident(n, unit => ({ type: 'check_in', unit, by: unit }), whom)),
  fc.tuple(nth, fc.constantFrom('wang', 'li'), role).map(([n, by, r]) => toIncident(n, { type: 'all_clear', by, role: r })),
  fc
    .tuple(nth, fc.constantFrom(1000, 60_000))
    .map(([n, ms]) =>
      toIncident(n, (_, now) => ({ type: 'add_task', task: { id: `t-${now}`, text: 'sweep', by: 'li', due_at: now + ms } }))
    ),
  nth.map(n => toIncident(n, { type: 'close', by: 'li', outcome: 'resolved' })),
  nth.map(n => toIncident(n, { type: 'ask', ask: [{ unit: 'volunteer-1', agency: 'volunteer' }] })),
  nth.map(allAnswer),
  nth.map(close),
  nth.map(reopen),
  fc.tuple(nth, nth).map(([n, m]) => merge(n, m)),
  fc.tuple(nth, fc.nat(2)).map(([n, most]) => split(n, most)),
  fc.constantFrom('yellow' as const, 'red' as const).map(byHand),
  fc
    .tuple(
      nth,
      fc.constantFrom<AlertCommand>(
        { type: 'acknowledge', by: 'li' },
        { type: 'acknowledge', by: 'li', episode: 'all' },
        { type: 'confirm', by: 'li' },
        { type: 'reset', by: 'li' }
      )
    )
    .map(([n, command]) => toAlert(n, command)),
  fc
    .tuple(nth, fc.constantFrom(20, 600), fc.constantFrom('timed' as const, 'one_shot' as const))
    .map(([n, for_s, mode]) => toAlert(n, { type: 'shelve', by: 'li', for_s, mode, reason: 'x' })),
  nth.map(n => toAlert(n, { type: 'unshelve', by: 'li' })),
  fc
    .tuple(fc.constantFrom(undefined, 'smoke-1', 'lamp-1'), fc.constantFrom(0, 30), fc.constantFrom(20, 100, 600))
    .map(([d, after, lasts]) => plan(d, after, lasts)),
  fc.tuple(nth, fc.constantFrom('round' as const, 'end' as const)).map(([n, what]) => works(n, what)),
  fc
    .tuple(fc.constantFrom('killed' as const, 'closed' as const), fc.constantFrom(0, seconds(20), minutes(5), minutes(600)))
    .map(([how, ms]) => restart(how, ms))
]

t.test('whatever happens and however often it is killed, nothing raised is nobody’s and no deadline is lost', async t => {
  let played = 0
  const counted = new Map<Standing, number>()
  await fc.assert(
    fc.asyncProperty(fc.commands([...anything], { maxCommands: 25, size: 'max' }), async commands => {
      const clock = stillClock()
      const journal = memoryJournal()
      const world: World = { clock, journal, life: live(clock, journal) }
      fc.modelRun(() => ({ model: {}, real: world }), commands)
      restart('killed', minutes(1440)).run({}, world)
      wait(minutes(4)).run({}, world)
      journal.refuse(undefined)
      const { state } = world.life.duty
      for (const { phase, unanswered, due_at, id } of state.incidents.values())
        mustBe(phase === 'closed' || due_at === undefined || unanswered, 'after the last rung nobody is waited for any more', id)
      const entries = journal.read(0, 100_000)
      for (const [standing, n] of accountsBalance(state, entries, template)) counted.set(standing, (counted.get(standing) ?? 0) + n)
      cityAgrees(entries, new Map([...state.alerts, ...state.incidents].map(([id, one]) => [id, roundTrip(one)])), entries.length)
      world.life.kill()
      // Whoever waited for the disk is told before the next history.
      await new Promise(resolve => setImmediate(resolve))
      played++
    }),
    { numRuns: histories, includeErrorInReport: true }
  )
  t.ok(played >= histories)
  t.comment(
    `${played} histories of the whole station; alerts in the end: ${[...counted].map(([standing, n]) => `${n} ${standing}`).join(', ')}`
  )
})
