/** The judge of series as a process of its own: it remembers over a restart, and its end is nobody else's. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { type OpenedJudge, openJudge } from '../../edge/ingest/oddity.ts'

const log = () => {
  const lines: string[] = []
  return { lines, info: (text: string) => void lines.push(text), warn: (text: string) => void lines.push(text) }
}
const learns = async ({ judge }: OpenedJudge, from: number, steps: number): Promise<void> => {
  for (let step = from; step < from + steps; step++) await judge(step, [{ series: 'a', value: 10 + (step % 24) }])
}

t.test('what was learnt is there after a restart; a damaged memory is said and begun anew', async t => {
  const file = `${t.testdir()}/usual.bin`
  const first = openJudge({ file, steps_a_day: 24, log: log() })
  await learns(first, 0, 72)
  await first.close()
  const second = openJudge({ file, steps_a_day: 24, log: log() })
  t.match(await second.judge(80, [{ series: 'a', value: 18 }]), [{ series: 'a', usual: 18, learnt_steps: 73 }])
  t.strictSame(await second.judge(80, [{ series: 'a', value: 18 }]), [], 'a step is judged once')
  await second.close()

  writeFileSync(file, readFileSync(file).subarray(0, 5000))
  const said = log()
  const third = openJudge({ file, steps_a_day: 24, log: said })
  t.match(await third.judge(81, [{ series: 'a', value: 18 }]), [{ series: 'a', usual: undefined, learnt_steps: 1 }])
  t.match(said.lines, [/^what is usual is learnt anew/])
  await third.close()
})

t.test('a judge that is killed leaves one step unjudged, and the next one is judged by another', async t => {
  const said = log()
  const judge = openJudge({ file: `${t.testdir()}/usual.bin`, steps_a_day: 24, log: said })
  await learns(judge, 0, 1)
  const asked = judge.judge(1, [{ series: 'a', value: 1 }])
  process.kill(judge.pid() ?? 0, 'SIGKILL')
  t.match(await asked, { refused: 'its process ended (SIGKILL)' })
  t.match(await judge.judge(2, [{ series: 'a', value: 1 }]), [{ learnt_steps: 1 }])
  t.match(judge.counters(), { oddity_steps_total: 2, oddity_steps_refused_total: 1, oddity_restarts_total: 1 })
  t.match(said.lines, [/nothing is judged.*SIGKILL/, /judged again/])
  await judge.close()
})

t.test('a clock that stood a year ahead ends no judging: what is usual stays known, and it is said', async t => {
  const said = log()
  const judge = openJudge({ file: `${t.testdir()}/usual.bin`, steps_a_day: 24, log: said })
  await learns(judge, 0, 72)
  await learns(judge, 73 + 24 * 365, 1)
  t.match(await judge.judge(73, [{ series: 'a', value: 18 }]), [{ series: 'a', usual: undefined, learnt_steps: 74 }])
  t.match(said.lines, [/clock 365 days ahead/])
  await learns(judge, 74, 48)
  t.match(
    await judge.judge(122, [{ series: 'a', value: 12 }]),
    [{ usual: Number, low: Number }],
    'and after a day or two the band is there again'
  )
  t.strictSame(await judge.judge(122 - 24, [{ series: 'a', value: 1 }]), [], 'a day back is a step that was judged')
  t.match(judge.counters(), { oddity_series_turned_away_total: 0 })
  await judge.close()
})

t.test('a station that was away for a month and comes back at the first step of a day has forgotten nothing', async t => {
  const judge = openJudge({ file: `${t.testdir()}/usual.bin`, steps_a_day: 24, log: log() })
  await learns(judge, 0, 72)
  t.match(await judge.judge(24 * 33, [{ series: 'a', value: 10 }]), [{ learnt_steps: 73 }])
  await judge.close()
})

t.test('that what is usual cannot be kept is said once, and that it is kept again', async t => {
  const folder = `${t.testdir()}/away`
  const said = log()
  const judge = openJudge({ file: `${folder}/usual.bin`, steps_a_day: 24, log: said })
  await learns(judge, 0, 30)
  t.match(said.lines, [/not kept over a restart: ENOENT/])
  mkdirSync(folder)
  await learns(judge, 30, 8)
  t.match(said.lines, [/not kept/, /kept again/])
  rmSync(folder, { recursive: true })
  await judge.close()
  t.match(said.lines, [/not kept/, /kept again/, /since it was last kept is lost: ENOENT/])
})

t.test('a judge that hangs does not hold up a station that leaves', async t => {
  const said = log()
  const judge = openJudge({ file: `${t.testdir()}/usual.bin`, steps_a_day: 24, log: said, leave_ms: 50 })
  await learns(judge, 0, 1)
  process.kill(judge.pid() ?? 0, 'SIGSTOP')
  await judge.close()
  t.match(said.lines, [/is lost: it has not answered for 50 ms/])
  t.equal(judge.pid(), undefined)
})
