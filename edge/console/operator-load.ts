/** What the alarms ask of the duty desk, read back from the journal. */
import { Type } from 'typebox'
import { flood_lines, rate_lines, window_ms } from '../domain/alarm-rate.ts'
import type { Source } from '../domain/alarm-sources.ts'
import { type LoadSpan, type OperatorLoad, priorities, startLoad } from '../domain/operator-load.ts'
import { onDuty } from '../domain/roster.ts'
import type { Spread } from '../domain/spread.ts'
import { agencies, incidentKinds, type Locale } from '../domain/vocabulary.ts'
import type { Desk } from '../ports.ts'
import { momentOf, WrongInput } from './input.ts'
import { hearStretch, stretchOf } from './journal.ts'
import { namesOf } from './names.ts'
import { type OperatorLoadShape, OperatorLoad as Shape } from './operator-load-shape.ts'
import type { App, Room } from './room.ts'
import * as Shapes from './shapes.ts'

const day_ms = 86_400_000
const longest_days = 31
/** A day before the span is read too: what was active or in a flood when it began. */
const before_ms = day_ms
/** A wall of screens that ask at once are answered once. */
const fresh_ms = 5_000
const most_remembered = 16

type Told = { readonly load: OperatorLoad; readonly complete: boolean; readonly entries: number }

export const serveOperatorLoad = (app: App, { desk, present }: Room): void => {
  const lookedUp = openMemory(desk)

  app.get(
    '/api/operator-load',
    {
      schema: {
        summary:
          'How much the alarms ask of the duty desk, held against ISA-18.2: rates, floods, what sounds most, what was false, how long answers take',
        tags: ['alerts'],
        querystring: Type.Object(
          {
            from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; a day before `to` when absent' })),
            to: Type.Optional(Type.String({ maxLength: 40, description: `RFC 3339; now when absent; at most ${longest_days} days after` }))
          },
          { additionalProperties: false }
        ),
        response: { 200: Shape, 400: Shapes.Problem }
      }
    },
    async request => {
      const { locale, query } = request
      const asked_to = momentOf('to', query.to, present.time)
      const to = asked_to ?? desk.clock.now()
      const from = momentOf('from', query.from, present.time) ?? to - day_ms
      const wrong = from >= to ? ('before' as const) : to - from > longest_days * day_ms ? ('span' as const) : undefined
      if (wrong !== undefined)
        throw new WrongInput('not_valid', [{ path: 'querystring/from', fault: wrong, with: { name: 'to', limit: longest_days } }])
      // Without a `to` the same question is asked a moment later.
      const question = `${query.from ?? ''} ${query.to ?? ''}`
      return shapeOf(await lookedUp(question, from, to), locale, desk, present.time)
    }
  )
}

/** Looks it up, or answers what was looked up a few seconds ago; who asks while it is being looked up waits for the same answer. */
const openMemory = (desk: Desk): ((question: string, from: number, to: number) => Promise<Told>) => {
  const remembered = new Map<string, { readonly at: number; readonly told: Promise<Told> }>()
  return (question, from, to) => {
    const at = desk.clock.now()
    const found = remembered.get(question)
    if (found !== undefined && at >= found.at && at - found.at < fresh_ms) return found.told
    const told = lookUp(desk, from, to)
    remembered.delete(question)
    remembered.set(question, { at, told })
    const oldest = remembered.keys().next()
    if (remembered.size > most_remembered && !oldest.done) remembered.delete(oldest.value)
    // What failed is not an answer for anybody else.
    told.catch(() => remembered.delete(question))
    return told
  }
}

const lookUp = async (desk: Desk, asked_from: number, to: number): Promise<Told> => {
  const { journal } = desk
  const stretch = stretchOf(journal, asked_from - before_ms, to)
  const from = Math.min(Math.max(asked_from, stretch.since ?? asked_from), to - 1)
  const commanders = desk.units().filter(({ commands }) => commands)
  const { plan } = desk.roster()
  const span: LoadSpan = {
    from,
    to,
    operators: at => commanders.filter(unit => onDuty(unit, at, desk.station.timezone, plan)).length,
    known: { alerts: desk.alerts(), incidents: desk.incidents() }
  }
  const load = startLoad(span)
  await hearStretch(journal, stretch, load.hear)
  return { load: load.result(), complete: from === asked_from, entries: stretch.entries }
}

const shapeOf = ({ load, complete, entries }: Told, locale: Locale, desk: Desk, time: (at: number) => string): OperatorLoadShape => {
  const { zoneName } = namesOf(desk)
  const source = ({ rule, kind, zone, device }: Source) => ({
    rule,
    kind,
    kind_label: incidentKinds[kind][locale],
    zone,
    zone_name: zoneName(zone),
    device: device ?? null
  })
  const { peak } = load
  return {
    from: time(load.from),
    to: time(load.to),
    complete,
    entries,
    let_go: load.let_go,
    annunciated: load.annunciated,
    apart: { ...load.apart },
    operators: { ...load.operators },
    average_per_operator_hour: load.average_per_operator_hour,
    grade: load.grade,
    peak: peak === undefined ? null : { ...peak, at: time(peak.at) },
    lines: {
      acceptable_per_hour: rate_lines.acceptable,
      manageable_per_hour: rate_lines.manageable,
      flood_per_hour: rate_lines.flood,
      flood_begins_above: flood_lines.begins_above,
      flood_ends_below: flood_lines.ends_below,
      flood_goal_share: flood_lines.goal_share
    },
    windows: { from: time(load.windows.from), width_s: window_ms / 1000, counts: [...load.windows.counts] },
    floods: load.floods.map(flood => ({ ...flood, from: time(flood.from), to: flood.to === undefined ? null : time(flood.to) })),
    flood_share: load.flood_share,
    bad_actors: load.bad_actors.map(({ count, share, ...of }) => ({ ...source(of), count, share })),
    chattering: load.chattering.map(({ times, ...of }) => ({ ...source(of), times })),
    standing: load.standing,
    stale: load.stale.map(({ alert, since, ...of }) => ({ ...source(of), alert, since: time(since) })),
    priorities: priorities(load.severities).map(({ severities, share, ...of }) => ({
      ...of,
      severities: [...severities],
      share: share ?? null
    })),
    false_shares: load.false_shares.map(share => ({ ...share })),
    nuisances: load.nuisances.map(({ judged, false_alarms, low, high, ...of }) => ({ ...source(of), judged, false_alarms, low, high })),
    seen: { ...spread(load.seen), unseen: load.seen.unseen },
    agencies: load.agencies.map(({ agency, asked, never, waiting, ...times }) => ({
      agency,
      label: agencies[agency][locale],
      asked,
      never,
      waiting,
      ...spread(times)
    })),
    clocks: load.clocks.map(({ clock, goals, ...times }) => ({ clock, ...spread(times), goals: goals.map(goal => ({ ...goal })) }))
  }
}

const spread = ({ n, p50_s, p90_s, worst_s }: Spread) => ({ n, p50_s: p50_s ?? null, p90_s: p90_s ?? null, worst_s: worst_s ?? null })
