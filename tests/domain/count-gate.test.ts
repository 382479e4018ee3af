import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import t from 'tap'
import { doubtCount, doubtPicture, gated } from '../../edge/domain/count-gate.ts'
import { levels, rank, uses } from '../../edge/domain/vocabulary.ts'
import { densityLimits, levelOf, type ZoneNow } from '../../edge/domain/zone.ts'
import { brightness } from '../../edge/ingest/vision/brightness.ts'
import { layPicture, readSize } from '../../edge/ingest/vision/picture.ts'
import { cellWeights, fitView } from '../../edge/ingest/vision/view.ts'
import { seconds } from '../support/clock.ts'
import { data, needsData } from '../support/data.ts'
import { openStory } from '../support/duty.ts'

const zone = (density: number, error: number, use: ZoneNow['use'] = 'platform'): ZoneNow => ({
  ...{ id: 'z', name: 'z', use, area_m2: 100, people_count: density * 100, people_count_error: error * 100 },
  ...{
    density_per_m2: density,
    density_error_per_m2: error,
    level: levelOf(densityLimits[use], density),
    limits_per_m2: densityLimits[use],
    since: 0,
    age_seconds: 0,
    sources: []
  }
})

for (const [what, density, error, level, unsure] of [
  ['an exact count is believed', 1, 0.1, 'green', undefined],
  ['an error within two levels is one', 2, 0.6, 'blue', undefined],
  ['from normal to dangerous is no knowledge', 1.9, 1.5, 'unknown', 'too_wide'],
  ['what may be dangerous and is surely not normal is said', 3, 1, 'yellow', undefined],
  ['what is measured as dangerous is said, however wide', 3.4, 3, 'orange', 'too_wide']
] as const)
  t.test(what, async t => t.match(gated(zone(density, error), undefined), { level, unsure }))

t.test('no doubt ever hides a zone that is measured orange or red', async t => {
  for (const use of Object.keys(uses) as ZoneNow['use'][])
    for (const density of densityLimits[use].slice(2))
      for (const why of ['too_dark', 'too_many', 'too_wide'] as const) {
        const { level } = gated(zone(density, 1, use), { why, since: 0 })
        t.ok(rank(level) >= rank('orange'), `${use} ${levels[level].en}`)
      }
})

t.test('beyond the pictures that the error bar comes from, it says nothing', async t => {
  const band = { absolute: 1, relative: 0.2, scores: [], most_people: 300 }
  t.equal(doubtCount(300, band), undefined)
  t.equal(doubtCount(375, band), undefined, 'it may still be 300')
  t.equal(doubtCount(380, band), 'too_many')
})

t.test(
  'a street is believed by day, not in the dark and not through a wet lens',
  needsData('crowd/shanghaitech_b_train/points.json'),
  async t => {
    const original = readFileSync(`${data('crowd/shanghaitech_b_train')}/IMG_41.jpg`)
    const doubtOf = async (picture: Buffer) => {
      const view = fitView(await readSize(picture))
      return doubtPicture(brightness(await layPicture(picture, view), view, cellWeights(view, [], 8), 8))
    }
    t.equal(await doubtOf(original), undefined)
    t.equal(await doubtOf(await sharp(original).linear(0.5).jpeg().toBuffer()), undefined, 'dusk')
    t.equal(await doubtOf(await sharp(original).linear(0.1).jpeg().toBuffer()), 'too_dark')
  }
)

t.test('a camera in the dark leaves its zone unknown and brings somebody to look, until it counts again', async t => {
  const { duty, clock } = openStory()
  const see = (unsure?: 'too_dark' | 'too_many') =>
    duty.see(
      { camera: 'cam-1', at: clock.now(), people_count: 40, people_count_error: 3, took_ms: 1, ...(unsure && { unsure }) },
      'platform-1'
    )
  const alert = () => [...duty.state.alerts.values()].find(({ rule }) => rule === 'count-unsure')
  const watch = async (for_s: number, unsure?: 'too_dark' | 'too_many') => {
    for (let s = 0; s < for_s; s++) {
      void see(unsure)
      clock.advance(seconds(1))
    }
  }
  await watch(5)
  t.match(duty.floor.zones()[0], { level: 'green', people_count: 40 })
  await watch(12, 'too_dark')
  t.match(duty.floor.zones()[0], { level: 'unknown', people_count: undefined, unsure: 'too_dark' })
  t.match(alert(), { active: true, because: { say: 'unsure_too_dark' } })
  void duty.see({ camera: 'cam-2', at: clock.now(), people_count: 30, people_count_error: 3, took_ms: 1 }, 'platform-1')
  t.match(duty.floor.zones()[0], { level: 'green', people_count: 30, unsure: undefined }, 'another camera of the zone sees well')
  await watch(45)
  t.match(duty.floor.zones()[0], { level: 'green', unsure: undefined })
  t.equal(alert()?.active ?? false, false)
  await watch(3, 'too_many')
  t.match(duty.floor.zones()[0], { level: 'unknown', unsure: 'too_many', people_count: 40 }, 'its number is still shown')
})
