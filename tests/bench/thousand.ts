/**
 * A station on its worst day: 1,000 open incidents and 50,000 journal entries. How long until it serves again, and how fast
 * the board answers. Prints one line; `node --import tsx tests/bench/thousand.ts`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { readConfig } from '../../edge/config.ts'
import { openStation } from '../../edge/station.ts'
import { signIn } from '../support/box.ts'
import { definitions } from '../support/duty.ts'

const [incidents, entries] = [1_000, 50_000]
const dir = mkdtempSync(join(tmpdir(), 'qianshao-thousand-'))
writeFileSync(join(dir, 'secret'), 'a long enough secret\n', { mode: 0o600 })
const zones = Array.from({ length: 20 }, (_, n) => `{ id: z-${n}, name: 区域${n}, use: walkway, area_m2: 100 }`).join(', ')
writeFileSync(
  join(dir, 'station.yaml'),
  `station: { id: hub, name: 站, template: transport-hub }
state_dir: state
http: { port: 0 }
mqtt: { host: 127.0.0.1, port: 0 }
zones: [${zones}]
users: [{ name: commander, password_file: secret, agency: police, roles: [duty_commander] }]
units: [{ id: patrol-1, name: 巡逻一组, agency: police, members: [commander] }, { id: fire-1, name: 消防一组, agency: fire, members: [] }]
`
)
const config = readConfig(join(dir, 'station.yaml'), {
  templates: [...definitions.templates.keys()],
  profiles: [...definitions.profiles.keys()],
  rules: {},
  cameraUrl: () => undefined
})
const open = () => openStation(config, { log: pino({ level: 'silent' }), version: 'bench', definitions, screen: '' })

const first = await open()
const ids = Array.from({ length: incidents }, (_, n) => {
  const opened = first.desk.open({ kind: 'fire', zone: `z-${n % 20}`, severity: 'red', text: `第 ${n} 起`, by: 'commander' })
  if ('refused' in opened) throw new Error(opened.refused)
  return opened.state.id
})
for (let n = 0; first.desk.journal.last() < entries; n++)
  first.desk.command(ids[n % incidents] ?? '', { type: 'note', by: 'commander', text: `记录 ${n}` })
await first.close()

const began = performance.now()
const station = await open()
const started_ms = performance.now() - began
const officer = await signIn(station.url, 'commander', 'a long enough secret')
const times: number[] = []
let bytes = 0
for (let n = 0; n < 300; n++) {
  const at = performance.now()
  const answer = await fetch(`${station.url}/api/incidents?phase=open`, { headers: { cookie: officer.cookie } })
  bytes = (await answer.arrayBuffer()).byteLength
  times.push(performance.now() - at)
}
const one: number[] = []
for (let n = 0; n < 200; n++) {
  const at = performance.now()
  await officer.get(`/api/incidents/${ids[n]}`)
  one.push(performance.now() - at)
}
const p = (of: readonly number[], share: number): number => Math.round([...of].sort((a, b) => a - b)[Math.ceil(of.length * share) - 1] ?? 0)
process.stdout.write(
  `${incidents} open incidents, ${station.desk.journal.last()} entries: serves after ${Math.round(started_ms)} ms · ` +
    `the whole board (${Math.round(bytes / 1e6)} MB) p50 ${p(times, 0.5)} p99 ${p(times, 0.99)} most ${p(times, 1)} ms · one incident p50 ${p(one, 0.5)} p99 ${p(one, 0.99)} ms\n`
)
await station.close()
rmSync(dir, { recursive: true, force: true })
