/**
 * The station's side of the judge of series: one process, started at the first step that has something to judge and again at the
 * next one after it has ended. A step that is not answered is a step that was not judged; nothing waits for it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Judge, Judged } from '../ports.ts'
import type { FromJudge, ToJudge } from './oddity/messages.ts'

export type JudgeLog = { readonly info: (text: string) => void; readonly warn: (text: string) => void }
export type OpenJudge = {
  /** Where what is usual is kept over a restart. */
  readonly file: string
  readonly steps_a_day: number
  readonly log: JudgeLog
  /** A process that has not answered for this long is hung: one step of five hundred series takes a quarter of a second. */
  readonly answer_ms?: number
  /** The station leaves within five seconds, also when it hangs. */
  readonly leave_ms?: number
}
export type OpenedJudge = Judge & {
  readonly counters: () => Readonly<Record<string, number>>
  readonly pid: () => number | undefined
  readonly close: () => Promise<void>
}

/** 55 KB each; a station has a hundred or two. */
export const series_at_most = 500

type Answer = readonly Judged[] | { readonly refused: string }

export const openJudge = ({ file, steps_a_day, log, answer_ms = 60_000, leave_ms = 3_000 }: OpenJudge): OpenedJudge => {
  const totals = { oddity_steps_total: 0, oddity_steps_refused_total: 0, oddity_series_turned_away_total: 0, oddity_restarts_total: 0 }
  const waiting = new Map<number, { readonly settle: (answer: Answer) => void; readonly late: NodeJS.Timeout }>()
  let child: ChildProcess | undefined
  let asks = 0
  let trouble: string | undefined

  const settle = (ask: number, answer: Answer): void => {
    const open = waiting.get(ask)
    if (open === undefined) return
    waiting.delete(ask)
    clearTimeout(open.late)
    open.settle(answer)
  }
  const heard = ({ ask, judged = [], refused, turned_away = 0, told = [] }: FromJudge): void => {
    for (const text of told) log.warn(text)
    totals.oddity_series_turned_away_total += turned_away
    settle(ask, refused === undefined ? judged : { refused })
  }
  const started = (): ChildProcess => {
    if (child !== undefined) return child
    const made = spawnJudge()
    child = made
    const ended = (why: string): void => {
      if (child === made) child = undefined
      if (waiting.size > 0) totals.oddity_restarts_total++
      for (const ask of [...waiting.keys()]) settle(ask, { refused: why })
    }
    made.on('message', message => heard(message as FromJudge))
    made.on('error', error => {
      log.warn(`the judge of series: ${error.message}`)
      // What could not be started at all never ends either.
      if (made.pid === undefined) ended(error.message)
    })
    made.on('exit', (code, signal) => ended(`its process ended (${signal ?? `code ${code}`})`))
    made.send({ type: 'open', file, steps_a_day, capacity: series_at_most } satisfies ToJudge)
    return made
  }
  const ask = (to: ChildProcess, message: (ask: number) => ToJudge, within_ms = answer_ms): Promise<Answer> =>
    new Promise(resolve => {
      const id = ++asks
      const late = setTimeout(() => {
        settle(id, { refused: `it has not answered for ${within_ms} ms and is ended` })
        to.kill('SIGKILL')
      }, within_ms)
      waiting.set(id, { settle: resolve, late })
      to.send(message(id), error => {
        if (error !== null) settle(id, { refused: error.message })
      })
    })

  return {
    judge: async (step, samples) => {
      const answer = await ask(started(), id => ({ type: 'step', ask: id, step, samples }))
      const refused = 'refused' in answer ? answer.refused : undefined
      if (refused === undefined) totals.oddity_steps_total++
      else totals.oddity_steps_refused_total++
      // Said when it begins and when it ends, not every five minutes.
      if (refused !== undefined && refused !== trouble) log.warn(`nothing is judged to be odd just now: ${refused}`)
      if (refused === undefined && trouble !== undefined) log.info('series are judged again')
      trouble = refused
      return answer
    },
    counters: () => totals,
    pid: () => child?.pid,
    close: async () => {
      const leaving = child
      if (leaving === undefined) return
      const gone = new Promise<void>(resolve => leaving.once('exit', () => resolve()))
      const answer = await ask(leaving, id => ({ type: 'save', ask: id }), leave_ms)
      if ('refused' in answer) log.warn(`what was learnt since it was last kept is lost: ${answer.refused}`)
      if (leaving.connected) leaving.disconnect()
      const late = setTimeout(() => leaving.kill('SIGKILL'), leave_ms)
      await gone
      clearTimeout(late)
    }
  }
}

const spawnJudge = (): ChildProcess => {
  const typescript = import.meta.url.endsWith('.ts')
  return fork(new URL(`./oddity/main.${typescript ? 'ts' : 'js'}`, import.meta.url), [], {
    execArgv: typescript ? ['--import', import.meta.resolve('tsx')] : [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', TZ: process.env.TZ ?? '', LC_ALL: 'C.UTF-8' }
  })
}
