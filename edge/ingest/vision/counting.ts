/** A counter whose counting is done by threads: as many pictures at once as there are of them, and nobody waits for one but who asked. */
import { hire } from '../../thread.ts'
import type { Counter, Opened } from './counter.ts'
import type { CountingThread } from './counting-thread.ts'
import { findModel } from './open-model.ts'

export const openCounting = async (name: string, models: string, packs: string | undefined, threads: number): Promise<Opened> => {
  const found = await findModel(name, models, packs)
  if ('refused' in found) return found
  const hands = Array.from({ length: threads }, openHand)
  const answers = await Promise.all(hands.map(({ thread }) => thread.ask('open', name, models, packs)))
  const refused = answers.find(answer => answer.refused !== undefined)?.refused
  const [first] = hands
  if (first === undefined) throw new Error('counting needs a thread at least')
  if (refused !== undefined) {
    // None of them is in a run() now, and without a model none will ever be asked.
    await Promise.all(hands.map(({ thread }) => thread.end()))
    return { refused }
  }
  const idle = [...hands]
  const waiting: ((hand: Hand) => void)[] = []
  const lend = async (): Promise<Hand> => idle.pop() ?? (await new Promise(resolve => waiting.push(resolve)))
  const giveBack = (hand: Hand): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(hand)
    else next(hand)
  }
  const counter: Counter = {
    model: found.model,
    ms_per_pixel: async canvas => await first.thread.ask('ms_per_pixel', canvas),
    count: async ({ rgb, view }) => {
      const hand = await lend()
      try {
        return await hand.thread.ask('count', hand.holding(rgb), view.canvas)
      } finally {
        giveBack(hand)
      }
    }
  }
  return { counter }
}

type Hand = ReturnType<typeof openHand>

/** A thread and the memory that it shares with this one: a picture is 2.4 MB, and copies of it by message would be garbage. */
const openHand = () => {
  const thread = hire<CountingThread>(new URL('./counting-thread', import.meta.url))
  let shared = new SharedArrayBuffer(0)
  return {
    thread,
    holding: (rgb: Uint8Array): SharedArrayBuffer => {
      if (shared.byteLength < rgb.length) shared = new SharedArrayBuffer(rgb.length)
      new Uint8Array(shared).set(rgb)
      return shared
    }
  }
}
