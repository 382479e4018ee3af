/** The report on paper: what stands in it, that nothing written by people becomes markup, and how it prints. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import t, { type Test } from 'tap'
import type { Incident } from '../../edge/domain/incident.ts'
import { needs } from '../support/needs.ts'
import { openTestConsole } from '../support/open-console.ts'

const hostile = '<script>alert(1)</script><img src=x onerror=alert(2)> \u202Egnihton & "quoted"'

const told = async (t: Test, notes = 1) => {
  const { desk, as, console } = await openTestConsole(t)
  const incident = desk.raise({ kind: 'crowd', zone: 'platform-1', severity: 'red' }, ['police', 'fire']) as Incident
  const { id } = incident
  desk.command(id, { type: 'respond', unit: 'patrol-1', by: 'wang', status: 'shown' })
  desk.command(id, { type: 'acknowledge', unit: 'patrol-1', by: 'wang' })
  desk.command(id, { type: 'add_task', task: { id: 't-1', text: '开闸放行', by: 'wang' } })
  for (let n = 0; n < notes; n++) desk.command(id, { type: 'note', by: 'wang', text: n === 0 ? hostile : `第 ${n} 条记录：人流放缓` })
  return { desk, as, console, id, path: `/api/incidents/${id}/report` }
}

t.test('the report tells who was asked, what was done and on what proof, in the language asked for', async t => {
  const { desk, as, id, path } = await told(t)
  const wang = await as('wang')
  const zh = await wang('GET', `${path}?locale=zh-CN`)
  t.match(zh, { status: 200 })
  t.match(zh.headers.get('content-type'), 'text/html')
  t.match(zh.text, /<html lang="zh-CN">/)
  for (const word of ['警情处置报告', '时限', '依据', '各单位处置', '升级与增派', '全过程', '日志链证明', '开闸放行', '巡逻一组', '红色'])
    t.match(zh.text, word)
  const en = (await wang('GET', `${path}?locale=en`)).text
  for (const word of ['Incident report', 'Clocks', 'Evidence', 'Agencies and units', 'Timeline', 'Proof', '开闸放行']) t.match(en, word)
  const about = desk.journal.read(0, 1000).filter(({ event }) => event.id === id)
  t.ok(about.length >= 5)
  for (const { seq } of about) t.match(zh.text, desk.journal.proof(seq)?.hash.slice(0, 16), `entry ${seq} with its hash`)
  t.match(zh.text, desk.journal.proof(about.at(-1)?.seq ?? 0)?.hash)
  t.match(zh.text, `verify --state DIR --incident ${id}`)
})

t.test('nothing that a person wrote becomes markup, and the page may load and run nothing', async t => {
  const { as, path } = await told(t)
  const { text, headers } = await (await as('wang'))('GET', path)
  t.notMatch(text, /<script/i)
  t.notMatch(text, /<img/i)
  t.notMatch(text, '\u202E', 'no sign that turns the order of a line')
  t.match(text, '&lt;script&gt;alert(1)&lt;/script&gt;')
  t.match(text, '[U+202E]gnihton &amp; &quot;quoted&quot;')
  const policy = headers.get('content-security-policy') ?? ''
  t.match(policy, "default-src 'none'")
  const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? ''
  t.match(policy, createHash('sha256').update(style).digest('base64'), 'its one style sheet is allowed by its hash')
  t.equal(headers.get('cache-control'), 'no-store')
})

t.test('an exercise says so, and an incident that is not there has no report', async t => {
  const { desk, as } = await openTestConsole(t)
  const opened = desk.open({ kind: 'fire', zone: 'hall', severity: 'orange', text: '演练', by: 'wang', drill: true })
  if ('refused' in opened) throw new Error(opened.refused)
  const wang = await as('wang')
  t.match((await wang('GET', `/api/incidents/${opened.state.id}/report`)).text, '本报告记录的是演练')
  t.match((await wang('GET', '/api/incidents/moon/report')).json, { code: 'no_such_incident' })
  t.equal((await (await as())('GET', `/api/incidents/${opened.state.id}/report`)).status, 401)
})

t.test('it prints on A4, in several pages, each with its number', needs('chromium'), async t => {
  const { as, path } = await told(t, 80)
  const { text } = await (await as('wang'))('GET', path)
  const file = `${t.testdir()}/report.html`
  writeFileSync(file, text)
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  await page.goto(`file://${file}`)
  const pdf = await page.pdf({ preferCSSPageSize: true, ...(process.env.PICTURES && { path: `${process.env.PICTURES}/report.pdf` }) })
  const print = pdf.toString('latin1')
  t.equal(pdf.subarray(0, 5).toString(), '%PDF-')
  t.match(print, /\/MediaBox \[0 0 59[45](\.\d+)? 84[12](\.\d+)?\]/)
  t.ok((print.match(/\/Type \/Page\b/g) ?? []).length >= 3)
  await page.emulateMedia({ media: 'print' })
  await page.setViewportSize({ width: 688, height: 1000 })
  t.ok(((await page.evaluate('document.documentElement.scrollWidth')) as number) <= 688, 'nothing is wider than the paper')
})
