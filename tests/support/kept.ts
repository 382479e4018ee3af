import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { verifyJournal } from '../../edge/journal/chain.ts'
import { openHistory } from '../../edge/journal/history.ts'
import { openJournal } from '../../edge/journal/journal.ts'
import { compiled } from './compiled.ts'
import { quiet } from './quiet.ts'

/** What `keeping.ts` runs on, compiled below `dir`. */
export const compiledKeeping = (dir: string): string =>
  compiled(`${dir}/code`, 'edge/journal', 'edge/clock.ts', 'edge/thread.ts', 'edge/domain/line-protocol.ts', 'tests/support/keeping.ts')

export type Acknowledged = { upto: number; readonly readings: Set<string>; readonly starts: string[] }
export const nothingYet = (): Acknowledged => ({ upto: 0, readings: new Set(), starts: [] })

/** Starts `keeping.ts` on a folder; resolves when it is ready. What it acknowledges is noted. */
export const startKeeping = async (code: string, dir: string, run: number, acknowledged: Acknowledged): Promise<ChildProcess> => {
  // No environment: what tap adds to it would load its own loaders into every start.
  const child = spawn(process.execPath, [`${code}/tests/support/keeping.js`, dir, String(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {}
  })
  const lines = createInterface({ input: child.stdout })
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', code => reject(new Error(`the store ended with ${code} before it was ready`)))
    lines.on('line', text => {
      const [word, ...rest] = text.split(' ')
      if (word === 'j') acknowledged.upto = Math.max(acknowledged.upto, Number(rest[0]))
      else if (word === 'h') acknowledged.readings.add(rest.join(' '))
      else {
        acknowledged.starts.push(rest.join(' '))
        resolve()
      }
    })
  })
  await ready
  return child
}

/** Kills, and waits until everything it said before has been heard. */
export const killNow = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) throw new Error(`the store ended by itself with ${child.exitCode}`)
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

/** What is missing of what was acknowledged, what is there twice, and what else is wrong. */
export const account = async (dir: string, acknowledged: Acknowledged) => {
  const verdict = verifyJournal(dir)
  const journal = await openJournal({ dir, log: quiet, ballast_bytes: 4096 })
  const history = await openHistory({ dir, log: quiet, max_bytes: 64 * 2 ** 20, max_age_ms: 1e12 })
  let wrong = 0
  let entries = 0
  for (let page = journal.read(0, 10_000); page.length > 0; page = journal.read(entries, 10_000))
    for (const entry of page) if (entry.seq !== ++entries || entry.event.id !== `e-${entry.seq}`) wrong++
  const raw = await history.query({ from: 0, to: 1e14, step_ms: 0, limit: 1e9 })
  const hours = await history.query({ from: 0, to: 1e14, step_ms: 3_600_000, limit: 1e9 })
  const found = new Map<string, number>()
  for (const row of raw) found.set(`${row.device.slice(2)} ${row.value}`, (found.get(`${row.device.slice(2)} ${row.value}`) ?? 0) + 1)
  const damage = [journal.damage?.detail, history.damage?.detail].filter(each => each !== undefined)
  await Promise.all([journal.close(), history.close()])
  return {
    chain: verdict.ok,
    damage,
    entries_lost: Math.max(0, acknowledged.upto - entries),
    entries_wrong: wrong,
    readings_lost: [...acknowledged.readings].filter(reading => !found.has(reading)).length,
    readings_doubled: [...found.values()].filter(n => n > 1).length,
    rolled_up_wrong: hours.reduce((sum, row) => sum + row.n, 0) - raw.length
  }
}
export const allWell = {
  chain: true,
  damage: [],
  entries_lost: 0,
  entries_wrong: 0,
  readings_lost: 0,
  readings_doubled: 0,
  rolled_up_wrong: 0
}
