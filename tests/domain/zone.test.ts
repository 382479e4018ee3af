import t from 'tap'
import { actionFor, type OwnAction } from '../../edge/domain/level-actions.ts'
import type { Reading } from '../../edge/domain/reading.ts'
import { locales, severities, type Use, uses } from '../../edge/domain/vocabulary.ts'
import { ageZone, densityLimits, evolveZone, fresh_ms, levelOf, startZone, type Zone, zoneNow } from '../../edge/domain/zone.ts'

const zone: Zone = { id: 'p', name: '一号站台', use: 'platform', area_m2: 100 }
const says = (device: string, quantity: Reading['quantity'], value: number, at: number): Reading => ({
  device,
  zone: 'p',
  quantity,
  value,
  at,
  quality: 'good'
})

t.test('a zone that nobody counts is unknown, never empty', async t => {
  const now = zoneNow(zone, startZone(0), 0)
  t.equal(now.level, 'unknown')
  t.equal(now.people_count, undefined)
})

t.test('a count older than ten seconds says nothing about now', async t => {
  const counted = evolveZone(zone, startZone(0), says('cam', 'people_count', 0, 0))
  t.equal(zoneNow(zone, counted, fresh_ms - 1).level, 'green')
  t.equal(zoneNow(zone, counted, fresh_ms).level, 'unknown')
  t.equal(ageZone(zone, counted, fresh_ms).level, 'unknown')
})

t.test('two cameras of one zone add up, with their errors', async t => {
  const one = evolveZone(zone, startZone(0), says('cam-1', 'people_count', 120, 0), 3)
  const now = zoneNow(zone, evolveZone(zone, one, says('cam-2', 'people_count', 130, 1), 4), 1)
  t.equal(now.people_count, 250)
  t.equal(now.people_count_error, 5)
  t.equal(now.density_per_m2, 2.5)
  t.equal(now.level, 'yellow')
})

t.test('a crush in one corner counts more than the mean over the zone', async t => {
  const counted = evolveZone(zone, startZone(0), says('cam', 'people_count', 90, 5))
  t.equal(zoneNow(zone, evolveZone(zone, counted, says('cam', 'density_per_m2', 4.1, 5)), 5).level, 'red')
})

t.test('an old count that arrives late changes nothing', async t => {
  const counted = evolveZone(zone, startZone(0), says('cam', 'people_count', 90, 1000))
  t.equal(evolveZone(zone, counted, says('cam', 'people_count', 400, 500)), counted)
})

t.test('levels begin exactly at their limits', async t => {
  t.strictSame(
    [1.49, 1.5, 2.49, 2.5, 3.3, 4, 12].map(density => levelOf(densityLimits.platform, density)),
    ['green', 'blue', 'blue', 'yellow', 'orange', 'red', 'red']
  )
})

t.test('every level of every use asks for something, in both languages, from a named source; a station’s own words come first', async t => {
  for (const use of Object.keys(uses) as Use[])
    for (const level of severities) {
      const { do: what, source } = actionFor([], 'p', use, level)
      for (const locale of locales) t.ok(what[locale], `${use} ${level} in ${locale}`)
      t.ok(source)
    }
  const own = (zones: readonly string[], en: string): OwnAction => ({
    for: 'platform',
    level: 'red',
    zones,
    do: { 'zh-CN': en, en },
    source: '本站预案'
  })
  const written = [own([], 'everywhere'), own(['p'], 'here')]
  t.equal(actionFor(written, 'p', 'platform', 'red').do.en, 'here')
  t.equal(actionFor(written, 'q', 'platform', 'red').do.en, 'everywhere')
  t.match(actionFor(written, 'p', 'platform', 'orange').source, /Helbing/)
  t.match(actionFor(written, 'p', 'capacity', 'yellow').source, /LB\/T 034-2014/)
})
