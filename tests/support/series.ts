import { startMemory } from '../../edge/domain/usual.ts'
import { judgeStep, openSeriesModel } from '../../edge/ingest/oddity/judge.ts'
import { oddity_steps_a_day } from '../../edge/oddities.ts'
import type { Judge } from '../../edge/ports.ts'
import oddity from '../../models/oddity/model.ts'

/** The real model with a memory of its own, in this process: what the station's child does, without the channel. */
export const judgeHere = async (steps_a_day = oddity_steps_a_day): Promise<Judge> => {
  const opened = await openSeriesModel(oddity, new URL('../../models/oddity/', import.meta.url))
  if ('refused' in opened) throw new Error(opened.refused)
  const memory = startMemory(steps_a_day, 16)
  return {
    judge: async (step, samples) => {
      const said = await judgeStep(memory, step, samples, opened.ask)
      return 'refused' in said ? said : said.judged
    }
  }
}

/** Numbers between 0 and 1 that look like chance and are the same in every run. */
export const chance = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
