/**
 * P5: smoke is published → the alert is heard, while 1000 other messages a second come in. Publisher and listener are this one
 * process, so one clock. Against mosquitto with a bare mqtt.js rule, which is quicker than any rule engine on top of it.
 */
import mqtt, { type MqttClient } from 'mqtt'
import { type Bench, compare, type Figure, quantile, type Skipped, sleep } from './measure.ts'
import { missingMosquitto, openLoad, openReferenceSide, openStationSide } from './sides.ts'

const background_per_s = 1000
const samples = 80
const warm_up = 20
const bridge = 'zigbee2mqtt'
const devices = 200
const lost_after_ms = 3000

/** `say` is one detector’s word; each speaks once, because what comes and goes several times a minute is held as one alert. */
type Path = { readonly listener: MqttClient; readonly say: (i: number, smoke: boolean) => void; readonly clears: boolean }

export default async (bench: Bench): Promise<readonly (Figure | Skipped)[]> => {
  // Without it mosquitto waits for the acknowledgement of the message before (Nagle): 40 ms that no careful user would leave.
  const reference = await openReferenceSide(bench, devices, 'set_tcp_nodelay true\n')
  if (reference === undefined) return [{ skipped: missingMosquitto }]
  const detectors = warm_up + bench.rounds * samples
  const nameOf = (i: number): string => `smoke-${i}`
  const station = await openStationSide(bench, devices, {}, undefined, undefined, [
    { id: bridge, profile: 'zigbee2mqtt-bridge', zone: 'food-row', topic: bridge },
    ...Array.from({ length: detectors }, (_, i) => ({
      ...{ id: nameOf(i), profile: 'zigbee2mqtt', zone: 'food-row', topic: `${bridge}/${nameOf(i)}`, via: bridge }
    }))
  ])
  const open = async (side: typeof reference | typeof station, token: string | undefined, filter: string): Promise<Path> => {
    const load = await openLoad(bench)
    await load({ type: 'connect', port: side.port, clients: side.clients })
    await load({ type: 'flow', per_s: background_per_s })
    const url = `mqtt://127.0.0.1:${side.port}`
    const speaks = { clientId: bridge, username: bridge, password: station.box.deviceSecret(bridge) }
    const publisher = await mqtt.connectAsync(url, speaks)
    const listener = await mqtt.connectAsync(url, { clientId: 'listener', username: 'listener', password: token ?? 'none' })
    bench.after(() => Promise.all([publisher.endAsync(true), listener.endAsync(true)]))
    await listener.subscribeAsync(filter)
    const say = (i: number, smoke: boolean): void =>
      token === undefined
        ? void publisher.publish(`devices/${nameOf(i)}/telemetry`, JSON.stringify({ smoke_alarm: smoke }), { qos: 1 })
        : void publisher.publish(`${bridge}/${nameOf(i)}`, JSON.stringify({ smoke }), { qos: 1 })
    return { listener, say, clears: token !== undefined }
  }
  const paths = {
    reference: await open(reference, undefined, 'alerts/#'),
    station: await open(station, station.token, 'station/test-hub/alerts/#')
  }
  const seen = { reference: [] as number[][], again: [] as number[][], station: [] as number[][] }
  for (const path of [paths.reference, paths.station]) await listen(path, 0, warm_up)
  for (let round = 0; round < bench.rounds; round++) {
    const from = warm_up + round * samples
    seen.reference.push(await listen(paths.reference, from, samples))
    seen.station.push(await listen(paths.station, from, samples))
    seen.again.push(await listen(paths.reference, from, samples))
  }
  bench.say('Node-RED is not measured here: the reference is the floor of its architecture, the same two processes without its nodes.')
  const row = (share: number, what: string, goal: string, limit: number): Figure => {
    const of = (rounds: readonly number[][]): number[] => rounds.map(times => quantile(times, share))
    return compare({ id: 'P5', what, unit: 'ms', goal, limit }, of(seen.reference), of(seen.again), of(seen.station))
  }
  const figures = [
    row(0.5, `publish → alert heard, p50, ${background_per_s} msg/s beside it`, '≤ 0.85× (of Node-RED)', 0.85),
    row(0.99, `publish → alert heard, p99, ${background_per_s} msg/s beside it`, '≤ 1.00× (of Node-RED)', 1)
  ]
  for (const { what, ours, reference: of, ratio } of figures)
    bench.say(`${what}: ${ours.toFixed(2)} ms against ${of.toFixed(2)} ms, ${ratio.toFixed(2)}×`)
  return figures
}

const listen = async ({ listener, say, clears }: Path, first: number, count: number): Promise<number[]> => {
  const heard = (active: boolean): Promise<number> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        listener.off('message', hear)
        reject(new Error(`no alert in ${lost_after_ms} ms`))
      }, lost_after_ms)
      const hear = (_: string, payload: Buffer): void => {
        const at = performance.now()
        if (payload.length === 0 || (JSON.parse(payload.toString()) as { active: boolean }).active !== active) return
        clearTimeout(late)
        listener.off('message', hear)
        resolve(at)
      }
      listener.on('message', hear)
    })
  const times: number[] = []
  for (let i = first; i < first + count; i++) {
    const raised = heard(true)
    const from = performance.now()
    say(i, true)
    times.push((await raised) - from)
    if (clears) {
      const cleared = heard(false)
      say(i, false)
      await cleared
    } else say(i, false)
    // Not in step with anything that runs by a timer.
    await sleep(10 + 20 * Math.random())
  }
  return times
}
