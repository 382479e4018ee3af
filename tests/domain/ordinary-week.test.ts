import t from 'tap'
import crowdDensity from '../../edge/domain/rules/crowd-density.ts'
import { type Use, uses } from '../../edge/domain/vocabulary.ts'
import { densityLimits, evolveZone, startZone, type Zone, zoneNow } from '../../edge/domain/zone.ts'
import { data, needsData } from '../support/data.ts'
import { busyness, countsOf, recordings, rides, step_s, stream } from '../support/ordinary-week.ts'

/** How full the busiest half hour is on average, of the yellow limit. */
const peak_share = 0.8
/** Of a picture's count, relative; a guess at the network's trembling from one picture to the next, on the large side. */
const error = 0.1
const area_m2 = 120

type Heard = { readonly at_s: number; readonly severity: string; readonly anew: boolean }

/** What the real rule raises of these counts, through the real zone; `anew` where nothing was raised before. */
const heardOf = (use: Use, counts: Float32Array): readonly Heard[] => {
  const zone: Zone = { id: use, name: use, use, area_m2 }
  const heard: Heard[] = []
  let state = startZone(0)
  let memory = crowdDensity.start
  let calm = false
  counts.forEach((people, i) => {
    // Far under every limit nothing can change: the first calm moment says what all that follow would.
    const wasCalm = calm
    calm = people < 0.75 * densityLimits[use][1] * area_m2 && memory.raised === undefined
    if (calm && wasCalm) return
    const at = i * step_s * 1000
    state = evolveZone(
      zone,
      state,
      { device: 'cam', zone: use, quantity: 'people_count', value: people, at, quality: 'good' },
      error * people
    )
    const before = memory.raised
    const { memory: after, verdict } = crowdDensity.step(memory, { at, zone: zoneNow(zone, state, at) }, crowdDensity.settings)
    memory = after
    if (verdict?.raised) heard.push({ at_s: at / 1000, severity: verdict.severity, anew: before === undefined })
  })
  return heard
}

const files = [...recordings, rides]
const made = (): ((use: Use, seed: number) => Float32Array) => {
  const streams = recordings.map(file => stream(data(file) ?? ''))
  const busy = busyness(data(rides) ?? '')
  return (use, seed) => countsOf({ streams, busy, peak: peak_share * densityLimits[use][1] * area_m2, error, seed })
}

t.test('a week of ordinary peaks, made from real counts, has at most one false amber a zone', needsData(...files), async t => {
  const week = made()
  t.setTimeout(120_000)
  for (const [i, use] of (Object.keys(uses) as Use[]).entries()) {
    const falsely = heardOf(use, week(use, i + 1)).filter(({ anew }) => anew)
    t.comment(`${use}: ${falsely.length} false ambers in the week`)
    t.ok(falsely.length <= 1, `${use}: ${JSON.stringify(falsely)}`)
  }
})

t.test(
  'in such a week a crowd that is no ordinary one is still heard: yellow, then red, and as one alert',
  needsData(...files),
  async t => {
    const counts = made()('platform', 3)
    // Thursday 18:00: within half an hour twice as many come as on other days, and go.
    const begin_s = (3 * 24 + 18) * 3600
    const crowded = counts.map((people, i) => {
      const since_s = i * step_s - begin_s
      const share = since_s < 0 ? 0 : since_s < 1800 ? since_s / 1800 : Math.max(0, 1 - (since_s - 1800) / 1800)
      return people + share * densityLimits.platform[3] * area_m2
    })
    const heard = heardOf('platform', crowded)
    const real = heard.filter(({ at_s }) => at_s >= begin_s && at_s < begin_s + 3600)
    t.equal(real.filter(({ anew }) => anew).length, 1, JSON.stringify(real))
    t.strictSame([...new Set(real.map(({ severity }) => severity))].slice(0, 3), ['yellow', 'orange', 'red'], JSON.stringify(real))
    t.ok((real[0]?.at_s ?? 0) < begin_s + 900, 'in the first quarter of an hour')
  }
)
