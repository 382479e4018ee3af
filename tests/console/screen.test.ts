import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { buildScreens } from '../../edge/console/screen/build.ts'
import { password } from '../support/fake-people.ts'
import { needs } from '../support/needs.ts'
import { openTestConsole } from '../support/open-console.ts'
import { until } from '../support/until.ts'

const screen = fileURLToPath(new URL('../../dist/screen/edge', import.meta.url))
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

let browser: Browser

const openPage = async (t: Test, size = { width: 1920, height: 1080 }) => {
  const { desk, console } = await openTestConsole(t, { screen })
  const context: BrowserContext = await browser.newContext({ viewport: size })
  t.teardown(() => context.close())
  const page = await context.newPage()
  const asked: string[] = []
  const wrong: string[] = []
  page.on('request', request => asked.push(request.url()))
  page.on('pageerror', error => wrong.push(error.message))
  page.on('console', message => {
    // Before signing in, /api/me rightly answers 401, and the browser writes that down.
    if (message.type() === 'error' && !message.text().includes('401')) wrong.push(message.text())
  })
  await page.goto(console.url)
  const isFine = (): void => {
    t.strictSame(wrong, [], 'the page has nothing to complain about')
    t.strictSame(
      asked.filter(url => !url.startsWith(`${console.url}/`) && !url.startsWith('data:') && !url.startsWith('blob:')),
      [],
      'no request leaves the station'
    )
  }
  return { desk, console, page, wrong, isFine }
}

const signIn = async (page: Page, name = 'wang'): Promise<void> => {
  await page.fill('[name=name]', name)
  await page.fill('[name=password]', password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.board')
}

type Violation = { impact: string; id: string; nodes: { html: string; failureSummary: string }[] }

const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe)
  const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Violation[]
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)
}

t.test('the officers’ screen', { ...needs('/usr/bin/chromium'), timeout: 120_000 }, async t => {
  await buildScreens()
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags.split(' ') })
  t.teardown(() => browser.close())

  t.test('a wrong name is told so, a right one sees the zones', async t => {
    const { page, desk, isFine } = await openPage(t)
    await page.fill('[name=name]', 'wang')
    await page.fill('[name=password]', 'wrong')
    await page.click('text=登录')
    await page.waitForSelector('text=用户名或密码不对。')
    desk.people('platform-1', 540)
    await signIn(page)
    const zone = page.locator('[data-zone=platform-1]')
    t.match(await zone.innerText(), /一号站台[\s\S]*黄色 III级[\s\S]*3\.0/)
    t.match(await page.locator('[data-zone=hall]').innerText(), /未知/)
    t.notMatch(await page.locator('[data-zone=hall] .figures').innerText(), /0/, 'what nobody sees is never 0')
    isFine()
  })

  t.test('what happens is on the screen within a second, and one tap answers it', async t => {
    const { page, desk, isFine } = await openPage(t)
    await signIn(page)
    desk.people('platform-1', 760)
    const incident = desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police', 'operator'])
    const card = page.locator(`[data-incident="${incident?.id}"]`)
    await card.waitFor({ timeout: 1000 })
    t.match(await page.locator('[data-summary]').innerText(), /1 起红色 I级警情 · 2 个单位未签收/)
    t.match(await card.locator('[data-next]').innerText(), /秒后升级：通知备勤力量/)
    t.match(await page.title(), /^●1 /)
    await card.locator('.answer').dblclick()
    await card.locator('[data-agency=police][data-state=answered]').waitFor({ timeout: 1000 })
    t.match(await card.locator('[data-agency=operator]').innerText(), /静默 \d+ 秒/)
    t.equal(desk.incidents()[0]?.responses['patrol-1']?.status, 'acknowledged')
    const answers = desk.journal.read(0, 100).filter(({ event }) => event.type === 'incident_response' && event.status === 'acknowledged')
    t.equal(answers.length, 1, 'a double tap is one tap')
    await card.getByRole('button', { name: '到场' }).click()
    await card.getByText('巡逻一组 · 已到场').first().waitFor({ timeout: 1000 })
    await card.getByRole('checkbox').first().click()
    await until(() => desk.incidents()[0]?.notes[0]?.step === 'look', 'the step is written down')
    await card.getByRole('button', { name: '时间线' }).click()
    await page.locator('dialog li').first().waitFor()
    t.match(await page.locator('dialog[open]').innerText(), /巡逻一组：已到场/)
    isFine()
  })

  t.test('everything is said in English too, at a click', async t => {
    const { page, desk, isFine } = await openPage(t)
    await signIn(page)
    desk.raise({ kind: 'fire', zone: 'hall', because: { say: 'flag_set', with: { quantity: 'smoke_alarm' } } }, ['police', 'fire'])
    await page.locator('.incident').waitFor()
    await page.click('text=English')
    await page.locator('.incident >> text=smoke alarm').waitFor({ timeout: 2000 })
    const text = await page.locator('body').innerText()
    t.match(text, /We have it/)
    for (const word of ['警情', '签收', '静默', '预警', '摄像头', '区域', '升级']) t.notMatch(text, word)
    isFine()
  })

  t.test('a lost line is said at once, and what was missed is there when it comes back', async t => {
    const { page, desk, console, wrong, isFine } = await openPage(t)
    await signIn(page)
    await page.route('**/api/live**', route => route.abort())
    console.app.server.closeAllConnections()
    await page.locator('.lost').waitFor({ timeout: 3000 })
    t.match(await page.locator('.lost').innerText(), /连接中断，显示的是 \d\d:\d\d:\d\d 的数据/)
    t.ok(await page.locator('.app.stale').count(), 'what is not live does not look alive')
    desk.raise({ kind: 'fire', zone: 'hall' }, ['police', 'fire'])
    await page.unroute('**/api/live**')
    await page.locator('.incident').waitFor({ timeout: 8000 })
    await page.locator('.lost').waitFor({ state: 'detached', timeout: 2000 })
    wrong.length = 0
    isFine()
  })

  t.test('names and notes are text, whatever they hold [F57]', async t => {
    const { page, desk, isFine } = await openPage(t)
    await signIn(page)
    const nasty = '<img src=x onerror="window.hit=1">‮你好😀<script>window.hit=1</script>'
    const incident = desk.raise({ kind: 'other', zone: 'hall', because: { say: 'reported', with: { by: nasty, text: nasty } } }, ['police'])
    desk.command(incident?.id ?? '', { type: 'note', by: 'li', text: nasty })
    await page.locator('.incident').waitFor()
    await page.getByRole('button', { name: '时间线' }).click()
    await page.locator('dialog li').first().waitFor()
    t.match(await page.locator('.incident .because').innerText(), '<img src=x')
    t.equal(await page.evaluate(() => (globalThis as { hit?: number }).hit), undefined)
    isFine()
  })

  t.test('it can be used without a mouse, and by people who see or hear differently', async t => {
    const { page, desk, isFine } = await openPage(t)
    t.strictSame(await violations(page), [], 'sign-in')
    await page.focus('[name=name]')
    await page.keyboard.type('wang')
    await page.keyboard.press('Tab')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.board')
    desk.people('platform-1', 760)
    desk.people('hall', 300)
    desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police', 'operator'])
    desk.raise({ kind: 'heat', zone: 'gate', severity: 'yellow' }, [])
    await page.locator('.answer').waitFor()
    t.strictSame(await violations(page), [], 'board')
    await page.locator('.answer').focus()
    t.equal(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'solid', 'the focus is seen')
    await page.keyboard.press('Enter')
    await page.locator('[data-agency=police][data-state=answered]').waitFor()
    await page.getByRole('button', { name: '上报警情' }).click()
    await page.locator('dialog[open]').waitFor()
    t.strictSame(await violations(page), [], 'dialog')
    await page.keyboard.press('Escape')
    await page.click('text=设备')
    await page.locator('table').waitFor()
    t.strictSame(await violations(page), [], 'devices')
    isFine()
  })

  t.test('on a phone nothing is cut off, and the answer button is under the thumb', async t => {
    const { page, desk, isFine } = await openPage(t, { width: 390, height: 844 })
    await signIn(page)
    desk.people('platform-1', 760)
    desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police', 'operator'])
    await page.locator('.answer').waitFor()
    t.ok(((await page.evaluate('document.documentElement.scrollWidth')) as number) <= 390)
    const box = await page.locator('.answer').boundingBox()
    t.ok(box !== null && box.height >= 60 && box.width >= 300 && box.y + box.height < 844, JSON.stringify(box))
    isFine()
  })
})
