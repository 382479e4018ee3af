/**
 * 200 officers on line: from a sensor's alarm to each of their screens. Prints one line for one officer and one for all, of the
 * same kind of station on the same machine; `node --import tsx tests/bench/officers.ts [OFFICERS] [ALARMS]`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDutyOf } from '../support/officers.ts'
import { until } from '../support/until.ts'
import { cpuOf, quantile } from './measure.ts'

const [most = 200, alarms = 40] = process.argv.slice(2).map(Number)
const p99: number[] = []
for (const officers of [1, most]) {
  const dir = mkdtempSync(join(tmpdir(), 'qianshao-officers-'))
  const duty = await openDutyOf(dir, officers, alarms)
  // A first alarm that is not counted: every path has been walked once.
  await duty.smoke(0)
  const [pid = 0] = [duty.station.child.pid]
  const [cpu, began] = [cpuOf([pid]), performance.now()]
  const sent = new Map<string, number>()
  for (let n = 1; n < alarms; n++) {
    sent.set(`smoke-${n}`, await duty.smoke(n))
    await new Promise(resolve => setTimeout(resolve, 250))
  }
  const spent = (cpuOf([pid]) - cpu) / 1000 / (performance.now() - began)
  let heard = (await duty.ask<'heard'>({ type: 'tell' })).screens
  await until(
    async () => {
      heard = (await duty.ask<'heard'>({ type: 'tell' })).screens
      return heard.every(({ first }) => [...sent.keys()].every(device => first[device] !== undefined))
    },
    'every screen has heard every alarm',
    20_000
  )
  const times = heard.flatMap(({ first }) => [...sent].map(([device, at]) => (first[device] ?? Number.NaN) - at))
  const p = (share: number): string => quantile(times, share).toFixed(1)
  p99.push(quantile(times, 0.99))
  process.stdout.write(
    `${officers} on line, ${times.length} alarms shown: p50 ${p(0.5)} p95 ${p(0.95)} p99 ${p(0.99)} most ${p(1)} ms · ` +
      `${(spent * 100).toFixed(0)} % of a core · load ${loadavg()[0]?.toFixed(1)}\n`
  )
  await duty.close()
  rmSync(dir, { recursive: true, force: true })
}
process.stdout.write(`p99 of ${most}: ${((p99[1] ?? 0) / (p99[0] ?? 1)).toFixed(1)} × that of one\n`)
