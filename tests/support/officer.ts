/** The officers' app in a real browser over the fake desk, and what every test of it looks at. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import type { Test } from 'tap'
import { buildScreens } from '../../edge/console/screen/build.ts'
import type { Clock } from '../../edge/ports.ts'
import { password } from './fake-people.ts'
import { openTestConsole } from './open-console.ts'

const screen = fileURLToPath(new URL('../../dist/screen/edge', import.meta.url))
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** Builds the app when it is older than its sources, and opens a browser that is closed with the test. */
export const openBrowser = async (t: Test): Promise<Browser> => {
  await buildScreens()
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags.split(' ') })
  t.teardown(() => browser.close())
  return browser
}

export const openPage = async (t: Test, browser: Browser, size = { width: 1920, height: 1080 }, clock?: Clock) => {
  const { desk, console } = await openTestConsole(t, { screen, ...(clock && { clock }) })
  const context: BrowserContext = await browser.newContext({ viewport: size })
  t.teardown(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(5000)
  const asked: string[] = []
  const wrong: string[] = []
  page.on('request', request => asked.push(request.url()))
  page.on('pageerror', error => wrong.push(error.message))
  page.on('console', message => {
    // Before signing in, /api/me rightly answers 401, and the browser writes that down; so it does when what was shown here has
    // been merged or answered before the station heard that it was shown.
    const late = message.text().includes('409') && message.location().url.endsWith('/responses')
    if (message.type() === 'error' && !message.text().includes('401') && !late) wrong.push(message.text())
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

export const signIn = async (page: Page, name = 'wang'): Promise<void> => {
  await page.fill('[name=name]', name)
  await page.fill('[name=password]', password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.app')
}

/** The one form of the app, while it is open. */
export const form = (page: Page): Locator => page.locator('dialog.ask[open]')
export const fill = async (page: Page, answers: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, value] of Object.entries(answers)) {
    const field = form(page).locator(`[name=${name}]`)
    if ((await field.evaluate(one => one.tagName)) === 'SELECT') await field.selectOption(value)
    else await field.fill(value)
  }
}
export const send = async (page: Page): Promise<void> => {
  await form(page).locator('button[type=submit]').click()
  await form(page).waitFor({ state: 'detached' })
}
export const fitsPhone = async (page: Page): Promise<boolean> =>
  ((await page.evaluate('document.documentElement.scrollWidth')) as number) <= 390

type Violation = { impact: string; id: string; nodes: { html: string; failureSummary: string }[] }

/** What a person who sees or hears differently could not use. */
export const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe)
  const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Violation[]
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)
}

/** Keeps what was drawn where somebody asked to look at it. */
export const picture = async (page: Page | Locator, name: string): Promise<void> => {
  const folder = process.env.PICTURES
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, ...('goto' in page && { fullPage: true }) })
}
