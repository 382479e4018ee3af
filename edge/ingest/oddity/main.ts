/**
 * The process that judges series: it holds what is usual of each and asks the model once a step. It is one of its own because
 * `run()` of onnxruntime blocks its event loop [performance 2f], and what breaks here breaks nothing else. The memory is written
 * once an hour and when the station leaves; without the file everything is learnt anew, which is said.
 */
import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { setPriority } from 'node:os'
import oddity from '../../../models/oddity/model.ts'
import { startMemory, type UsualMemory } from '../../domain/usual.ts'
import { packMemory, unpackMemory } from '../../domain/usual-pack.ts'
import { type Ask, judgeStep, openSeriesModel } from './judge.ts'
import type { FromJudge, ToJudge } from './messages.ts'

const saved_every_steps = 12

let memory: UsualMemory | undefined
let file = ''
let model: Promise<{ readonly ask: Ask } | { readonly refused: string }> | undefined
let anew: string | undefined
/** One thing at a time, in the order it was asked. */
let before: Promise<unknown> = Promise.resolve()

const say = (message: FromJudge): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

const recall = (order: Extract<ToJudge, { type: 'open' }>): UsualMemory => {
  const { steps_a_day, capacity } = order
  try {
    const memory = unpackMemory(readFileSync(order.file), steps_a_day, capacity)
    if (!('refused' in memory)) return memory
    anew = memory.refused
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') anew = (cause as Error).message
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

const step = async ({ ask, step, samples }: Extract<ToJudge, { type: 'step' }>): Promise<void> => {
  const opened = await model
  if (memory === undefined || opened === undefined) return say({ ask, refused: 'it was not opened' })
  if ('refused' in opened) return say({ ask, refused: opened.refused })
  const judged = await judgeStep(memory, step, samples, opened.ask)
  if ('refused' in judged) return say({ ask, refused: judged.refused })
  say({ ask, judged, turned_away: samples.length - judged.length, ...(anew !== undefined && { anew }) })
  anew = undefined
  if (step % saved_every_steps === 0) await save()
}

const answer = async (message: Exclude<ToJudge, { type: 'open' }>): Promise<void> => {
  try {
    if (message.type === 'step') return await step(message)
    await save()
    say({ ask: message.ask })
  } catch (cause) {
    say({ ask: message.ask, refused: (cause as Error).message.split('\n', 1)[0] ?? '' })
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
