/**
 * P1, P2: CPU of one QoS 1 message through the whole station (account, ACL, guard, profile, rules, history block, acknowledged
 * when kept), against mosquitto with a bare mqtt.js rule that keeps nothing. The broker alone is measured too: the rest is the station.
 */
import { type Bench, compare, cpuOf, type Figure, type Skipped } from './measure.ts'
import { missingMosquitto, openHubSide, openLoad, openReferenceSide, openStationSide, type Side } from './sides.ts'

type Case = {
  readonly id: 'P1' | 'P2'
  readonly clients: number
  readonly per_write: number
  readonly per_s: number
  readonly seconds: number
}
const cases: readonly Case[] = [
  { id: 'P1', clients: 100, per_write: 1, per_s: 10_000, seconds: 2 },
  { id: 'P1', clients: 500, per_write: 1, per_s: 10_000, seconds: 2 },
  { id: 'P2', clients: 100, per_write: 16, per_s: 20_000, seconds: 2 },
  { id: 'P2', clients: 500, per_write: 16, per_s: 20_000, seconds: 2 }
]
const limits = { P1: 0.85, P2: 1 } as const

export default async (bench: Bench): Promise<readonly (Figure | Skipped)[]> => {
  const most = 500
  const reference = await openReferenceSide(bench, most)
  if (reference === undefined) return [{ skipped: missingMosquitto }]
  const station = await openStationSide(bench, most)
  const hub = await openHubSide(bench, most)

  const sides = { reference, again: reference, station, hub } satisfies Record<string, Side>
  const loads = new Map<Side, Awaited<ReturnType<typeof openLoad>>>()
  for (const side of [reference, station, hub]) {
    const load = await openLoad(bench)
    await load({ type: 'connect', port: side.port, clients: side.clients })
    loads.set(side, load)
  }

  const cost = async (side: Side, { clients, per_write, per_s, seconds }: Case): Promise<number> => {
    const load = loads.get(side)
    const before = cpuOf(side.pids)
    const answer = await load?.({ type: 'send', clients, per_write, per_s, seconds })
    const spent = cpuOf(side.pids) - before
    if (answer === undefined || answer.acked !== answer.sent)
      throw new Error(`${answer?.acked} of ${answer?.sent} messages were acknowledged`)
    return spent / answer.sent
  }

  const figures: Figure[] = []
  for (const one of cases) {
    for (const side of [reference, station, hub]) await cost(side, { ...one, seconds: 1 })
    const seen: Record<keyof typeof sides, number[]> = { reference: [], again: [], station: [], hub: [] }
    for (let round = 0; round < bench.rounds; round++)
      for (const name of ['reference', 'station', 'again', 'hub'] as const) seen[name].push(await cost(sides[name], one))
    const how = `${one.clients} clients, ${one.per_write === 1 ? 'one per read' : '16 per write'}`
    const goal = `≤ ${limits[one.id].toFixed(2)}×`
    const whole = compare(
      { id: one.id, what: `CPU per message, station, ${how}`, unit: 'µs', goal, limit: limits[one.id] },
      seen.reference,
      seen.again,
      seen.station
    )
    const alone = compare(
      { id: one.id, what: `  of it the broker alone, ${how}`, unit: 'µs', goal: '–', limit: undefined },
      seen.reference,
      seen.again,
      seen.hub
    )
    for (const figure of [whole, alone]) {
      bench.say(`${figure.what}: ${figure.ours.toFixed(1)} µs against ${figure.reference.toFixed(1)} µs, ${figure.ratio.toFixed(2)}×`)
      figures.push(figure)
    }
  }
  return figures
}
