/** The annotated square (PETS 2009 S2.L1, view 1): who was there at every moment, and how well a count follows it. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { data } from './data.ts'
import type { HeardLive } from './hears.ts'

export const square_files = ['video/pets2009-s2l1-view1.avi', 'video/pets2009-s2l1-view1.truth.json'] as const
export const square_fps = 10

/** The clip as H.264, which cameras speak; `seconds` of it, or all. */
export const squareClip = (file: string, seconds = 80): string => {
  const from = `-loglevel error -i ${data(square_files[0])} -t ${seconds}`.split(' ')
  const made = spawnSync('ffmpeg', [...from, ...'-c:v libx264 -preset veryfast -crf 18 -g 10 -bf 0 -pix_fmt yuv420p'.split(' '), file])
  if (made.status !== 0) throw new Error(made.stderr.toString())
  return file
}

/** How many people the annotators saw in each picture. */
export const squareTruth = (): readonly number[] =>
  (JSON.parse(readFileSync(data(square_files[1]) ?? '', 'utf8')) as { frames: { boxes: unknown[] }[] }).frames.map(
    ({ boxes }) => boxes.length
  )

export type Seen = { readonly clip_ms: number; readonly counted: number; readonly truth: number }

/**
 * What a zone said, beside what was in front of the camera when the counted picture left it. The server says when it played the
 * first picture and the zone says how old its count is, so nothing is fitted. A picture is `way_ms` older when it is decoded.
 */
export const besideTruth = (zones: readonly HeardLive[], played_at: number, truth: readonly number[], way_ms: number): readonly Seen[] => {
  const seen = new Map<number, Seen>()
  for (const { at, data } of zones) {
    if (data.people_count === null || data.age_seconds === null) continue
    const clip_ms = at - data.age_seconds * 1000 - way_ms - played_at
    const there = truth[Math.floor((clip_ms / 1000) * square_fps)]
    // A zone may be told again without a newer picture; a picture counts once.
    if (there !== undefined) seen.set(Math.round(clip_ms / 50), { clip_ms, counted: data.people_count, truth: there })
  }
  return [...seen.values()]
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

export const scores = (seen: readonly { readonly counted: number; readonly truth: number }[]) => {
  const errors = seen.map(({ counted, truth }) => counted - truth)
  const [c, t] = [mean(seen.map(({ counted }) => counted)), mean(seen.map(({ truth }) => truth))]
  const together = mean(seen.map(({ counted, truth }) => (counted - c) * (truth - t)))
  const apart = Math.sqrt(mean(seen.map(({ counted }) => (counted - c) ** 2)) * mean(seen.map(({ truth }) => (truth - t) ** 2)))
  return { pictures: seen.length, mean_truth: t, mae: mean(errors.map(Math.abs)), bias: mean(errors), correlation: together / apart }
}
