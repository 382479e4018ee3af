/**
 * P18: a count is published → the zone's card is painted in Chromium, while 1000 other messages a second come in. The page tells
 * us through a binding after the second animation frame. Floor: a bare page, an EventSource, one text, the same way of telling.
 */
import { existsSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import mqtt from 'mqtt'
import { type Browser, chromium, type Page } from 'playwright-core'
import { screenFolder } from '../../edge/commands/run.ts'
import { type Bench, compare, type Figure, found, quantile, type Skipped, sleep } from './measure.ts'
import { openLoad, openStationSide } from './sides.ts'

const background_per_s = 1000
const devices = 200
const samples = 30
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

type Painted = { readonly page: Page; readonly show: (people: number) => void; readonly next: (people: number) => Promise<number> }

export default async (bench: Bench): Promise<readonly (Figure | Skipped)[]> => {
  const program = found('chromium')
  if (program === undefined) return [{ skipped: 'chromium is not on this machine' }]
  if (!existsSync(`${screenFolder('edge')}/index.html`)) return [{ skipped: 'the screens are not built; npm run build first' }]
  const browser = await chromium.launch({ executablePath: program, args: flags })
  bench.after(() => browser.close())
  const floor = await openFloor(bench, browser)
  const station = await openStation(bench, browser)

  const seen = { reference: [] as number[][], again: [] as number[][], station: [] as number[][] }
  let people = 1
  const watch = async ({ page, show, next }: Painted, count: number): Promise<number[]> => {
    await page.bringToFront()
    const times: number[] = []
    for (let i = 0; i < count; i++) {
      people = (people % 90) + 1
      const painted = next(people)
      const from = performance.now()
      show(people)
      times.push((await painted) - from)
      // A card is repainted at most every 250 ms; what is measured is the way, not that pause.
      await sleep(270 + 60 * Math.random())
    }
    return times
  }
  for (const side of [floor, station]) await watch(side, 5)
  for (let round = 0; round < bench.rounds; round++) {
    seen.reference.push(await watch(floor, samples))
    seen.station.push(await watch(station, samples))
    seen.again.push(await watch(floor, samples))
  }
  const row = (share: number, what: string, goal: string, limit: (ratio: number, ours: number) => boolean): Figure => {
    const of = (rounds: readonly number[][]): number[] => rounds.map(times => quantile(times, share))
    return compare({ id: 'P18', what, unit: 'ms', goal, limit }, of(seen.reference), of(seen.again), of(seen.station))
  }
  const figures = [
    row(0.5, `publish → painted, p50, ${background_per_s} msg/s beside it`, '≤ 3.0× of loopback', ratio => ratio <= 3),
    row(
      0.99,
      `publish → painted, p99, ${background_per_s} msg/s beside it`,
      '≤ 25 ms and ≤ 3.0×',
      (ratio, ours) => ours <= 25 && ratio <= 3
    )
  ]
  for (const { what, ours, reference, ratio } of figures)
    bench.say(`${what}: ${ours.toFixed(1)} ms against ${reference.toFixed(1)} ms, ${ratio.toFixed(2)}×`)
  return figures
}

/** Tells when a number has been painted: two animation frames after the text has changed to it. */
const hearPaint = async (page: Page, text: string): Promise<Painted['next']> => {
  let wanted: { people: number; resolve: (at: number) => void } | undefined
  await page.exposeBinding('painted', (_, people: number) => {
    if (people !== wanted?.people) return
    wanted.resolve(performance.now())
    wanted = undefined
  })
  // As text: what esbuild adds to a function (`__name`) is not there in a page.
  await page.evaluate(`{
    let last = -1
    const look = () => {
      const people = Number(/\\d+/.exec(document.querySelector(${JSON.stringify(text)})?.textContent ?? '')?.[0] ?? -1)
      if (people === last) return
      last = people
      requestAnimationFrame(() => requestAnimationFrame(() => painted(people)))
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
  }`)
  return people =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${people} was not painted in 5 s`)), 5000)
      wanted = {
        people,
        resolve: at => {
          clearTimeout(late)
          resolve(at)
        }
      }
    })
}

const openFloor = async (bench: Bench, browser: Browser): Promise<Painted> => {
  const open = new Set<ServerResponse>()
  const server = createServer((request, answer) => {
    if (request.url === '/live') {
      answer.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      open.add(answer)
    } else {
      answer.setHeader('content-type', 'text/html')
      answer.end('<p></p><script>new EventSource("/live").onmessage = e => { document.querySelector("p").textContent = e.data }</script>')
    }
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  bench.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const page = await (await browser.newContext()).newPage()
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const next = await hearPaint(page, 'p')
  const show = (people: number): void => {
    for (const answer of open) answer.write(`data: ${people}\n\n`)
  }
  return { page, show, next }
}

const openStation = async (bench: Bench, browser: Browser): Promise<Painted> => {
  const station = await openStationSide(bench, devices, {}, undefined, '0-1')
  const [, counter, ...others] = station.clients
  if (counter === undefined) throw new Error('nobody to count')
  const load = await openLoad(bench)
  await load({ type: 'connect', port: station.port, clients: others })
  await load({ type: 'flow', per_s: background_per_s })
  const publisher = await mqtt.connectAsync(`mqtt://127.0.0.1:${station.port}`, {
    clientId: counter.id,
    username: counter.id,
    password: counter.password
  })
  bench.after(() => publisher.endAsync(true))
  const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 } })).newPage()
  await page.goto(station.box.url)
  const answer = await page.request.post(`${station.box.url}/api/session`, { data: { name: 'commander', password: station.box.password } })
  if (!answer.ok()) throw new Error(`the commander could not sign in: ${answer.status()}`)
  await page.reload()
  await page.waitForSelector('[data-zone="food-row"] .people')
  const next = await hearPaint(page, '[data-zone="food-row"] .people span')
  return { page, next, show: people => void publisher.publish(counter.topic, JSON.stringify({ people_count: people }), { qos: 1 }) }
}
