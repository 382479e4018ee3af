import t from 'tap'
import { startScoring, tallied } from '../../edge/domain/forecast-record.ts'
import { stillClock } from '../support/clock.ts'
import { needs } from '../support/needs.ts'
import { fitsPhone, openBrowser, openPage, picture, signIn, violations } from '../support/officer.ts'
import { openTestConsole } from '../support/open-console.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

t.test('the API tells the chance of red, and before three minutes have been seen it tells none', async t => {
  const clock = stillClock()
  const { desk, as } = await openTestConsole(t, { clock })
  const wang = await as('wang')
  const zone = async () => (await wang('GET', '/api/zones/platform-1')).json
  const red = (await zone()).limits_per_m2.red
  const { area_m2 } = await zone()
  const fill = (from: number, steps: number): void => {
    for (let i = 0; i < steps; i++) {
      desk.people('platform-1', Math.round((from + i / 20) * area_m2))
      clock.advance(9000)
      clock.advance(1000)
    }
  }
  fill(1.2, 10)
  desk.people('platform-1', 300)
  t.strictSame([(await zone()).forecast, (await zone()).outlook], [[], null])
  fill(1.7, 30)
  desk.people('platform-1', Math.round(3.2 * area_m2))
  const { forecast, outlook } = await zone()
  const chances = forecast.filter((one: { threshold_per_m2: number }) => one.threshold_per_m2 === red)
  t.strictSame(
    chances.map((one: { minutes: number }) => one.minutes),
    [5, 10, 15]
  )
  for (const { probability } of chances) t.ok(probability > 0 && probability < 1)
  t.ok(outlook.per_minute > 0.2)
  t.equal(outlook.path.length, 4)
})

t.test('the forecast on the screen', { ...needs('/usr/bin/chromium'), timeout: 180_000 }, async t => {
  const browser = await openBrowser(t)
  const clock = stillClock(Date.now())
  const { desk, page, isFine } = await openPage(t, browser, { width: 1600, height: 1000 }, clock)
  const area_m2 = desk.zones().find(({ id }) => id === 'platform-1')?.area_m2 ?? 0
  for (let i = 0; i < 40; i++) {
    desk.people('platform-1', Math.round((1.3 + i / 20 + 0.08 * Math.sin(i * 2.4)) * area_m2), 12)
    clock.advance(9000)
    clock.advance(1000)
  }
  desk.people('platform-1', Math.round(3.2 * area_m2), 12)
  const of = { id: 'platform-1', at: clock.now() }
  let tally = startScoring.tally
  for (const [stated, happened, n] of [
    [0.12, 3, 30],
    [0.45, 9, 20],
    [0.84, 13, 15]
  ] as const)
    for (let i = 0; i < n; i++) for (const minutes of [5, 10, 15] as const) tally = tallied(tally, minutes, stated, i < happened)
  await desk.duty.desk.record([
    { ...of, type: 'forecast_warned', limit_per_m2: 4, percent: 84, within_s: 600 },
    { ...of, type: 'forecast_scored', outcome: 'hit', lead_s: 312 },
    { ...of, type: 'forecasts_tallied', id: 'hub', tally, watched_s: { 'platform-1': 86_400 } }
  ])
  await signIn(page, 'li')

  t.test('the zone’s card shows where it is going and how likely red is, in both languages', async t => {
    const card = page.locator('[data-zone="platform-1"]')
    await card.locator('[data-chances]').waitFor()
    t.match(await card.innerText(), /达到红色[\s\S]*5分 \d+%[\s\S]*10分 \d+%[\s\S]*15分 \d+%/)
    t.equal(await card.locator('.fan').count(), 1)
    // As narrow as on a board with five zones.
    await card.evaluate(element => element.style.setProperty('width', '190px'))
    t.notOk(
      await card
        .locator('[data-chances] dd > *')
        .evaluateAll(all => all.some(one => one.getBoundingClientRect().right > (one.parentElement?.getBoundingClientRect().right ?? 0))),
      'every chance is whole'
    )
    await card.evaluate(element => element.style.removeProperty('width'))
    await picture(page, 'forecast-board')
    await page.getByRole('button', { name: 'English' }).click()
    t.match(await card.innerText(), /red in[\s\S]*10 min \d+%/)
    t.strictSame(await violations(page), [])
  })

  t.test('the page of the load shows what the forecasts were worth, and fits a phone', async t => {
    await page.goto(`${page.url().split('#')[0]}#/load`)
    const record = page.locator('[data-forecast-record]')
    await record.locator('tbody tr').waitFor()
    t.match(await record.innerText(), /1 \/ 0 \/ 0[\s\S]*5:12/)
    t.equal(await record.locator('figure').count(), 3)
    await picture(page, 'forecast-record')
    t.strictSame(await violations(page), [])
    await page.setViewportSize({ width: 390, height: 844 })
    await until(() => fitsPhone(page), 'charts have taken the new width')
    isFine()
  })
})
