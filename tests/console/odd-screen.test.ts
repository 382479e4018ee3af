import t from 'tap'
import type { ExpectedStep } from '../../edge/ports.ts'
import { stillClock } from '../support/clock.ts'
import { needs } from '../support/needs.ts'
import { fitsPhone, openBrowser, openPage, picture, signIn, violations } from '../support/officer.ts'
import { openTestConsole } from '../support/open-console.ts'
import { chance } from '../support/series.ts'

t.setTimeout(120_000)

const step_ms = 5 * 60_000
/** Two days at a gate; at the end three times as many as ever at this hour, and an hour in which it said nothing. */
const gate = (now: number): readonly ExpectedStep[] => {
  const by = chance(5)
  return Array.from({ length: 576 }, (_, i): ExpectedStep => {
    const at = now - (576 - i) * step_ms
    const hour = ((at + 8 * 3_600_000) / 3_600_000) % 24
    const usual = 8 + 60 * Math.exp(-((hour - 8) ** 2) / 4) + 70 * Math.exp(-((hour - 18) ** 2) / 5)
    const odd = i === 570
    const value = i >= 570 ? usual * 3 + 30 : usual + (by() - 0.5) * 2 * Math.sqrt(usual)
    return { at, value, usual, low: usual - 2.4 * Math.sqrt(usual), high: usual + 2.4 * Math.sqrt(usual), odd }
  }).filter((_, i) => i < 400 || i > 411)
}
const seen = (now: number) => ({ at: now, timezone: 'Asia/Shanghai', value: 62, usual: 10, low: 4, high: 16, score: 1.6, learnt_days: 12 })
const series = { device: 'gate-2', zone: 'platform-1', quantity: 'people_entered' } as const

t.test('the API tells a watched series with what was expected of it, and that it is still learning', async t => {
  const clock = stillClock()
  const { desk, as } = await openTestConsole(t, { clock })
  const wang = await as('wang')
  desk.expected_series.push({ ...series, learnt_days: 3.27, learning: true, steps: gate(clock.now()) })
  const { json } = await wang('GET', '/api/expected?device=gate-2&quantity=people_entered&steps=2')
  t.match(json, [{ zone_name: '一号站台', quantity_label: '新进入人数', learning: true, learnt_days: 3.2 }])
  t.equal(json[0].steps.length, 2)
  t.ok(json[0].steps[0].low >= 0 && json[0].steps[0].high > json[0].steps[0].usual)
  t.strictSame((await wang('GET', '/api/expected?device=nobody')).json, [])
  t.equal((await wang('GET', '/api/expected?quantity=mood')).status, 400)
})

t.test('an odd alert on the screen', { ...needs('/usr/bin/chromium'), timeout: 180_000 }, async t => {
  const browser = await openBrowser(t)
  const clock = stillClock(Date.UTC(2026, 10, 27, 15))
  const { desk, page, isFine } = await openPage(t, browser, { width: 1600, height: 1000 }, clock)
  desk.expected_series.push({ ...series, learnt_days: 12, learning: false, steps: gate(clock.now()) })
  desk.duty.watch.odd({ ...series, ...seen(clock.now()) })
  // Boards are told at a pace, and this clock stands still.
  clock.advance(5000)
  await signIn(page, 'li')

  t.test('says how many times the usual, and opens the day with its band and the odd moment', async t => {
    const row = page.locator('li[data-alert]').filter({ hasText: '同时段的 6.2 倍' })
    t.match(await row.innerText(), /异常动向[\s\S]*周五夜间一号站台（gate-2）新进入人数为同时段的 6\.2 倍：62 人，平时 10/)
    await row.getByRole('button', { name: '与平常比较' }).click()
    const chart = row.locator('[data-usual="gate-2 people_entered"]')
    await chart.locator('svg').waitFor()
    t.equal(await chart.locator('.odd').count(), 1)
    t.equal(((await chart.locator('.line').getAttribute('d')) ?? '').match(/M/g)?.length, 2, 'the hour without a word is a gap')
    await picture(page, 'odd-alert')
    t.strictSame(await violations(page), [])
    await page.getByRole('button', { name: 'English' }).click()
    await page
      .locator('li[data-alert]')
      .filter({ has: page.locator('[data-usual]') })
      .getByText(/Friday at night: people just entered is 6\.2 times what is usual at this hour/)
      .waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    t.ok(await fitsPhone(page))
    await picture(page, 'odd-alert-phone')
    isFine()
  })
})
