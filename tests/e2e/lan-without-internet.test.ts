/** The station's own network goes on when the way to the world is cut: screens, siren and receipts, and an outside channel that waits. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { freePort, makeBox, secretFile } from '../support/box.ts'
import { openLan } from '../support/lan.ts'
import type { Burned, PhoneOrder } from '../support/lan-phone.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)
const root = fileURLToPath(new URL('../..', import.meta.url))

const start = (t: Test, prefix: readonly string[], ...args: readonly string[]) => {
  const [program = '', ...rest] = [...prefix, process.execPath, '--import', 'tsx', ...args]
  const child: ChildProcess = spawn(program, rest, {
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' }
  })
  const lines: string[] = []
  let rest_of = ''
  child.stdout?.on('data', chunk => {
    const parts = (rest_of + chunk).split('\n')
    rest_of = parts.pop() ?? ''
    lines.push(...parts)
  })
  let wrong = ''
  child.stderr?.on('data', chunk => (wrong += chunk))
  t.teardown(() => child.kill('SIGKILL'))
  return { child, lines, wrong: () => wrong }
}
type Line = { readonly text: string }

t.test('with the internet cut, people on the station’s network are called and their receipts are seen', async t => {
  const lan = openLan(t)
  t.comment(lan.real ? 'station, phone and world in network namespaces' : 'no namespaces here: the world is stopped instead of cut off')
  const dir = t.testdir({})
  const world_port = await freePort()
  const { file: webhook } = secretFile(dir, 'webhook', `whsec_${randomBytes(32).toString('base64')}`)
  const devices = ['smoke-1', 'smoke-2', 'siren-1'].map((id, n) => ({ id, profile: 'json', zone: n === 1 ? 'platform-1' : 'food-row' }))
  const box = await makeBox(dir, devices, {
    channels: [
      { id: 'siren', type: 'siren', audience: 'staff', settings: { device: 'siren-1', for_s: 5 } },
      { id: 'city-desk', type: 'webhook', settings: { url: `http://${lan.address.world}:${world_port}/hook`, secret_file: webhook } }
    ]
  })
  const settings = box.file
  writeFileSync(settings, readFileSync(settings, 'utf8').replaceAll('host: 127.0.0.1', 'host: 0.0.0.0'))

  const world = start(t, lan.at('world'), 'tests/support/lan-world.ts', String(world_port))
  await until(() => world.lines.length > 0, 'the world listens', 20_000)
  const posts = (): readonly { readonly data: { readonly incident: string } }[] =>
    world.lines.slice(1).map(line => (JSON.parse(line) as { body: { data: { incident: string } } }).body)
  const station = start(t, lan.at('station'), 'edge/main.ts', 'run', '--config', settings)
  const phone = start(t, lan.at('phone'), 'tests/support/lan-phone.ts')
  const ask = async <Answer>(order: PhoneOrder, within_ms = 20_000): Promise<Answer> => {
    const before = phone.lines.length
    phone.child.stdin?.write(`${JSON.stringify(order)}\n`)
    await until(
      () => phone.lines.length > before,
      `the phone answers ${order.do}: ${phone.wrong()} ${station.wrong().slice(-500)}`,
      within_ms
    )
    const answer = JSON.parse(phone.lines[before] ?? '') as Answer & { failed?: string }
    if (answer.failed !== undefined) throw new Error(`${order.do}: ${answer.failed} ${station.wrong().slice(-500)}`)
    return answer
  }
  const secrets = Object.fromEntries(devices.map(({ id }) => [id, box.deviceSecret(id)]))
  await ask({ do: 'join', host: lan.address.station, http: box.http_port, mqtt: box.mqtt_port, password: box.password, secrets }, 60_000)
  const timeline = async (incident: string): Promise<readonly string[]> =>
    (await ask<readonly Line[]>({ do: 'timeline', incident })).map(({ text }) => text)

  const first = await ask<Burned>({ do: 'smoke', device: 'smoke-1' })
  t.match(first, { answered: 'acknowledged' })
  await until(() => posts().some(({ data }) => data.incident === first.incident), 'before the cut the world hears of it', 20_000)

  lan.cut(world.child)
  const heard = posts().length
  const second = await ask<Burned>({ do: 'smoke', device: 'smoke-2' })
  t.match(second, { answered: 'acknowledged' })
  t.not(second.incident, first.incident)
  t.comment(`cut off: on the phone after ${second.screen_ms} ms, at the siren after ${second.siren_ms} ms`)
  t.ok(second.screen_ms < 1000 && second.siren_ms < 1000, 'nothing waits for the world')
  t.equal(posts().length, heard, 'the world heard nothing')
  const says = (text: RegExp) => until(async () => (await timeline(second.incident)).some(line => text.test(line)), `${text}`, 30_000)
  await says(/“city-desk”没有通知到消防一组：(连不上对方|限时内没有回应)/)
  for (const receipt of [/“screen”已显示：巡逻一组/, /“screen”已听到：巡逻一组/, /“screen”已应答：巡逻一组/, /“siren”已送达/])
    await says(receipt)
  t.pass('every receipt stands in the timeline, and why the outside channel was not reached')

  lan.mend(world.child)
  await until(() => posts().some(({ data }) => data.incident === second.incident), 'and when the world is back it is told', 60_000)
})
