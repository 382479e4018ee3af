/**
 * The process that judges series: it holds what is usual of each and asks the model once a step. It is one of its own because
 * `run()` of onnxruntime blocks its event loop [performance 2f], and what breaks here breaks nothing else. The memory is written
 * once an hour and when the station leaves; without the file everything is learnt anew, which is said.
 */
import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { setPriority } from 'node:os'
import oddity from '../../../models/oddity/model.ts'
import { goBackTo, startMemory, type UsualMemory } from '../../domain/usual.ts'
import { packMemory, unpackMemory } from '../../domain/usual-pack.ts'
import { type Ask, judgeStep, openSeriesModel } from './judge.ts'
import type { FromJudge, ToJudge } from './messages.ts'

const saved_every_steps = 12

let memory: UsualMemory | undefined
let file = ''
let model: Promise<{ readonly ask: Ask } | { readonly refused: string }> | undefined
/** Said with the next answer, whatever it is. */
let news: string[] = []
/** Why it could not be written last. */
let unsaved: string | undefined
/** One thing at a time, in the order it was asked. */
let before: Promise<unknown> = Promise.resolve()

const say = (message: FromJudge): void => {
  if (process.connected) process.send?.({ ...message, told: news }, undefined, undefined, () => {})
  news = []
}

const recall = (order: Extract<ToJudge, { type: 'open' }>): UsualMemory => {
  const { steps_a_day, capacity } = order
  const anew = (why: string): void => void news.push(`what is usual is learnt anew, ${file} is not used: ${why}`)
  try {
    const memory = unpackMemory(readFileSync(order.file), steps_a_day, capacity)
    if (!('refused' in memory)) return memory
    anew(memory.refused)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') anew(firstLine(cause))
  }
  return startMemory(steps_a_day, capacity)
}

/** Whole or not at all, also when the power goes. */
const save = async (): Promise<void> => {
  if (memory === undefined) return
  const handle = await open(`${file}.new`, 'w', 0o600)
  try {
    await handle.writeFile(packMemory(memory))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.new`, file)
}

const firstLine = (cause: unknown): string => (cause as Error).message.split('\n', 1)[0] ?? ''
/** Said when it begins and when it ends, not every hour. */
const saveHourly = async (): Promise<void> => {
  const why = await save().then(() => undefined, firstLine)
  if (why !== unsaved)
    news.push(why === undefined ? `what is usual is kept again in ${file}` : `what is usual is not kept over a restart: ${why}`)
  unsaved = why
}

const step = async ({ ask, step, samples }: Extract<ToJudge, { type: 'step' }>): Promise<void> => {
  const opened = await model
  if (memory === undefined || opened === undefined) return say({ ask, refused: 'it was not opened' })
  if ('refused' in opened) return say({ ask, refused: opened.refused })
  const ahead = memory.step - step
  // Waiting for that date would be silence, perhaps for years.
  if (ahead > memory.steps_a_day) {
    const days = Math.round(ahead / memory.steps_a_day)
    news.push(`series were judged under a clock ${days} days ahead: the last week of them is not used`)
    goBackTo(memory, step)
  }
  say({ ask, ...(await judgeStep(memory, step, samples, opened.ask)) })
  if (step % saved_every_steps !== 0) return
  await saveHourly()
  if (news.length > 0) say({ ask })
}

const answer = async (message: Exclude<ToJudge, { type: 'open' }>): Promise<void> => {
  try {
    if (message.type === 'step') return await step(message)
    await save()
    say({ ask: message.ask })
  } catch (cause) {
    say({ ask: message.ask, refused: firstLine(cause) })
  }
}

process.on('message', (message: ToJudge) => {
  if (message.type === 'open') {
    file = message.file
    memory = recall(message)
    model = openSeriesModel(oddity, new URL('../../../models/oddity/', import.meta.url))
  } else before = before.then(() => answer(message))
})
process.on('disconnect', () => process.exit(0))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
// Alarms and pictures go first: five minutes are enough for this.
setPriority(10)
