/** A day of a duty desk with one flood, a fluttering door, agencies that are slow and rules that were wrong: the same every time. */
import type { Event } from '../../edge/domain/event.ts'
import type { Agency, IncidentKind, Outcome, Severity } from '../../edge/domain/vocabulary.ts'

const minute = 60_000
const hour = 60 * minute
const because = { say: 'heard_again', with: {} } as const
/** Of the Park–Miller generator: a day that is never another. */
const dice = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

export const noisyDay = (start: number): readonly Event[] => {
  const roll = dice(7)
  const events: Event[] = []
  let number = 0
  const raise = (at: number, rule: string, kind: IncidentKind, severity: Severity, zone: string, device?: string): string => {
    const id = `a-${++number}`
    const what = { rule, kind, severity, zone, because, key: `${rule}:${device ?? zone}`, ...(device !== undefined && { device }) }
    events.push({ type: 'alert_raised', id, at: start + at, ...what })
    return id
  }
  const over = (id: string, at: number): void => {
    events.push({ type: 'alert_cleared', id, at: start + at, because })
    events.push({ type: 'alert_acknowledged', id, at: start + at + 20_000 + roll() * 200_000, by: 'li' })
  }
  // Ordinary hours: now and then something warm, and a sensor that is silent.
  for (let at = 0; at < 24 * hour; at += (6 + roll() * 20) * minute) {
    const [rule, kind, zone, device] = (
      [
        ['threshold', 'heat', 'hall', 'temp-b2'],
        ['silent', 'device', 'gate', 'door-a1'],
        ['crowd-density', 'crowd', 'platform-1', undefined],
        ['camera-unseen', 'camera', 'hall', 'cam-2']
      ] as const
    )[Math.floor(roll() * 4)] ?? ['silent', 'device', 'gate', 'door-a1']
    over(raise(at, rule, kind, roll() < 0.7 ? 'blue' : 'yellow', zone, device), at + 2 * minute)
  }
  // The evening peak, and a power dip in it.
  for (let i = 0; i < 26; i++)
    over(raise(10 * hour + i * 20_000, 'silent', 'device', 'yellow', 'platform-1', `meter-${i % 7}`), 10 * hour + i * 20_000 + minute)
  for (let i = 0; i < 8; i++)
    over(raise(15 * hour + i * 12_000, 'threshold', 'device', 'blue', 'gate', 'door-a1'), 15 * hour + i * 12_000 + 3_000)
  raise(-30 * hour, 'silent', 'device', 'yellow', 'stairs-b', 'flow-7')

  const agencies: readonly Agency[] = ['police', 'operator', 'fire', 'medical']
  for (let i = 0; i < 24; i++) {
    const at = (1 + i * 0.9) * hour
    const fire = i % 3 === 0
    const [rule, kind, zone] = fire ? (['threshold', 'fire', 'hall'] as const) : (['crowd-density', 'crowd', 'platform-1'] as const)
    const alert = raise(at, rule, kind, i % 6 === 0 ? 'red' : 'orange', zone)
    const needs = fire ? agencies : agencies.slice(0, 2)
    const id = `i-${i}`
    const ask = needs.map(agency => ({ unit: `${agency}-1`, agency }))
    const ladder = { enough: 'each_agency', rungs: [{ ask: 'on_duty', within_s: 60 }] } as const
    const opened = { kind, zone, severity: 'orange', because, sop: kind, needs, ladder, ask, alert, drill: false } as const
    events.push({ type: 'incident_opened', id, at: start + at, ...opened })
    for (const [n, { unit, agency }] of ask.entries()) {
      if (agency === 'medical' && i % 2 === 0) continue
      const answered = start + at + (8 + n * 25 + roll() * 40 * (n + 1)) * 1000
      events.push({ type: 'incident_response', id, at: answered, unit, by: 'x', status: 'acknowledged' })
      if (n === 0)
        events.push({ type: 'incident_response', id, at: answered + (30 + roll() * 240) * 1000, unit, by: 'x', status: 'on_scene' })
    }
    const outcome: Outcome = fire ? (i % 2 === 0 ? 'false_alarm' : 'resolved') : i % 8 === 1 ? 'false_alarm' : 'resolved'
    if (i < 23) events.push({ type: 'incident_closed', id, at: start + at + 20 * minute, by: 'li', outcome })
    over(alert, at + 15 * minute)
  }
  return events.sort((a, b) => a.at - b.at)
}
