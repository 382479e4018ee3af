import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { buildScreens } from '../../edge/console/screen/build.ts'
import { stillClock } from '../support/clock.ts'
import { password } from '../support/fake-people.ts'
import { needs } from '../support/needs.ts'
import { noisyDay } from '../support/noisy-day.ts'
import { openTestConsole } from '../support/open-console.ts'

const screen = fileURLToPath(new URL('../../dist/screen/edge', import.meta.url))
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const day_ms = 86_400_000
const now = Date.UTC(2026, 10, 24, 8)

let browser: Browser

const openLoad = async (t: Test, size: { width: number; height: number }, name = 'li') => {
  const { desk, console } = await openTestConsole(t, { screen, clock: stillClock(now) })
  for (const event of noisyDay(now - day_ms)) if (event.at < now) void desk.note(event)
  // Three weeks in which the platform was a little fuller than its yellow at four o'clock.
  for (let i = 0; i < 21 * 144; i++) {
    const value = i % 144 < 2 ? 2.62 : 0.8
    const at = now - (21 * 144 - i) * 600_000
    desk.history_rows.push({ zone: 'platform-1', device: 'cam-1', quantity: 'density_per_m2', at, value, min: value, max: value, n: 10 })
  }
  await desk.report({ type: 'report_received', id: 'r-1', at: now, zone: 'hall', kind: 'crowd', text: '人很多', by: 'wang' })
  const context = await browser.newContext({ viewport: size })
  t.teardown(() => context.close())
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('pageerror', error => wrong.push(error.message))
  page.on('console', message => void (message.type() === 'error' && !message.text().includes('401') && wrong.push(message.text())))
  await page.goto(`${console.url}/#/load`)
  await page.fill('[name=name]', name)
  await page.fill('[name=password]', password)
  await page.keyboard.press('Enter')
  return { page, wrong, desk }
}
/** Keeps what was drawn where somebody asked to look at it. */
const picture = async (page: Page, name: string): Promise<void> => {
  const folder = process.env.PICTURES
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}
const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe)
  const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as { id: string; nodes: { html: string }[] }[]
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}

t.test('the page of the duty desk’s load', { ...needs('/usr/bin/chromium'), timeout: 120_000 }, async t => {
  await buildScreens()
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] })
  t.teardown(() => browser.close())

  t.test('a day is drawn with its flood and its lines, in both languages', async t => {
    const { page, wrong } = await openLoad(t, { width: 1440, height: 900 })
    await page.locator('[data-figure=rate]').waitFor()
    t.equal(await page.locator('nav a[aria-current=page]').innerText(), '负荷')
    t.ok((await page.locator('svg .bar').count()) > 40)
    t.equal(await page.locator('svg rect.flood').count(), 1)
    t.match(await page.locator('.frame svg').first().innerHTML(), /6\/时 可接受[\s\S]*12\/时 可应付[\s\S]*30\/时 过多[\s\S]*&gt;10 泛滥/)
    t.match(await page.locator('[data-figure=flood]').innerText(), /1 次，目标低于 1 %/)
    t.match(await page.locator('[data-load-agency=medical]').innerText(), /4 次始终未签收[\s\S]*4\/8/)
    t.match(await page.locator('[data-row=threshold]').innerText(), /4\/8 · 50 %/)
    t.match(await page.locator('.nuisances').first().innerText(), /抖动 设备失联 · door-a1[\s\S]*陈旧 设备失联 · flow-7/)
    t.match(await page.locator('[data-nuisances]').innerText(), /火情 · 换乘大厅 8 次中 4 次误报/)
    t.match(
      await page.locator('[data-shadow=hasty-reports]').innerText(),
      /本会触发 1 次，0 次属实[\s\S]*尚未知 1[\s\S]*同期在用规则：0 次[\s\S]*尚未知 · 在用规则没有报/
    )
    await picture(page, 'zh')
    t.strictSame(await violations(page), [])
    await page.locator('details summary').click()
    t.match(await page.locator('details table').first().innerText(), /11-23 \d\d:\d\d\s+\d+/, 'who cannot see the bars reads them')
    t.strictSame(await violations(page), [])
    await page.click('text=English')
    await page.locator('text=crowding').first().waitFor()
    await page.locator('text=would have fired 1×, 0 true').waitFor()
    t.notMatch(await page.locator('.load').innerText(), /[预警误报签收泛滥]/)
    await picture(page, 'en')
    t.strictSame(wrong, [])
  })

  t.test('a limit that history proposes is shown with what it would have raised, taken over, and restored', async t => {
    const { page, wrong, desk } = await openLoad(t, { width: 1440, height: 900 })
    const proposal = page.locator('[data-proposal]')
    await proposal.waitFor()
    t.match(
      await proposal.innerText(),
      /一号站台 人群密度[\s\S]*21 天历史[\s\S]*现界限 2\.5 p\/m²\s+预警 21 次，属实 0，误报 \d[\s\S]*建议 2\.\d+ p\/m²\s+预警 0 次/
    )
    await picture(page, 'proposals')
    t.strictSame(await violations(page), [])
    await proposal.getByRole('button', { name: '采纳', exact: true }).click()
    const limit = page.locator('[data-limit]')
    await limit.waitFor()
    t.match(await limit.innerText(), /2\.5 p\/m² → 2\.\d+ p\/m² · li 于/)
    t.equal(await proposal.count(), 0)
    t.equal(desk.duty.state.tuned.get('crowd-density:platform-1')?.by, 'li')
    await page.click('text=English')
    await limit.getByRole('button', { name: 'Restore the old limit' }).click()
    await proposal.getByText('now 2.5 p/m²').waitFor()
    t.equal(desk.duty.state.tuned.size, 0)
    t.strictSame(wrong, [])
  })

  t.test('a month is drawn as the worst ten minutes of every four hours', async t => {
    const { page, wrong } = await openLoad(t, { width: 1440, height: 900 })
    await page.locator('[data-figure=rate]').waitFor()
    await page.click('text=31 天')
    await page.locator('text=每条是 4 小时中最忙的 10 分钟').waitFor()
    await picture(page, 'month')
    t.strictSame(wrong, [])
  })

  t.test('on a phone nothing is cut off', async t => {
    const { page, wrong } = await openLoad(t, { width: 390, height: 844 })
    await page.locator('[data-figure=rate]').waitFor()
    await picture(page, 'phone')
    await page.click('text=English')
    await page.locator('text=crowding').first().waitFor()
    await picture(page, 'phone-en')
    t.ok(((await page.evaluate('document.documentElement.scrollWidth')) as number) <= 390)
    t.strictSame(await violations(page), [])
    t.strictSame(wrong, [])
  })

  t.test('who may not see it is told so, and has no link to it', async t => {
    const { page } = await openLoad(t, { width: 1440, height: 900 }, 'wang')
    await page.locator('.load [role=alert]').waitFor()
    t.match(await page.locator('.load [role=alert]').innerText(), '您的职责不允许这样做。')
    t.equal(await page.locator('nav a[href="#/load"]').count(), 0)
  })
})
