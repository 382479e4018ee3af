import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import t from 'tap'
import { openCloud } from '../../cloud/cloud.ts'
import { realClock } from '../../edge/clock.ts'
import { buildScreens } from '../../edge/console/screen/build.ts'
import { evolve } from '../../edge/domain/incident.ts'
import { line } from '../../edge/domain/line-protocol.ts'
import { answered, cityConfig, opened, openTestStation, password, station, testDir } from '../support/city.ts'
import { seconds, stillClock } from '../support/clock.ts'
import { needs } from '../support/needs.ts'
import { quiet } from '../support/quiet.ts'
import { until } from '../support/until.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

t.test(
  'the city board: red first, who is silent, honest commands, a lost station loud, in both languages and without any outside request',
  needs('chromium'),
  async t => {
    await buildScreens()
    const dir = testDir(t)
    const clock = stillClock(Date.now())
    const config = cityConfig(dir, {
      stations: [station, 'north-gate'].map(id => ({ id, password_file: `${dir}/secret` }))
    })
    const cloud = await openCloud(config, { log: quiet, clock, screen: fileURLToPath(new URL('../../dist/screen/cloud', import.meta.url)) })
    t.teardown(cloud.close)
    const open = (id: string) =>
      openTestStation(t, cloud.mqttPort, {
        clock: realClock,
        station: id,
        username: id,
        hello: () => ({
          id,
          name: id === station ? '人民广场枢纽联勤警务站' : '北门社区联勤警务站',
          template: 'transport-hub',
          locale: 'zh-CN',
          timezone: 'Asia/Shanghai',
          version: '0.1.0',
          zones: [
            { id: 'platform-1', name: '一号站台', use: 'platform', area_m2: 180 },
            { id: 'stairs-b', name: 'B口楼梯', use: 'stairs', area_m2: 40 }
          ],
          units: []
        })
      })
    const [hub, north] = [open(station), open('north-gate')]
    const at = Date.now()
    const red = opened('i-red', 'red', at - 65_000)
    const spread = { ...evolve(undefined, red), places: [{ zone: 'stairs-b', at: at - 60_000 }] }
    hub.journal.append([
      { event: red, lane: 'red' },
      { event: { type: 'incident_worsened', id: 'i-red', at: at - 60_000, state: spread }, lane: 'red' }
    ])
    north.journal.append([
      { event: opened('i-yellow', 'yellow', at - 90_000), lane: 'events' },
      { event: answered('i-yellow', at - 80_000), lane: 'events' }
    ])
    const zone = line(
      'zone',
      [
        ['station', station],
        ['zone', 'platform-1'],
        ['use', 'platform']
      ],
      { people_count: 640, level: 4 },
      at
    )
    await hub.history.keep([zone ?? ''])
    await until(() => hub.drained() && north.drained(), 'both confirmed')

    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags.split(' ') })
    t.teardown(() => browser.close())
    const page = await browser.newPage({ viewport: { width: 1600, height: 900 } })
    const wrong: string[] = []
    const asked: string[] = []
    page.on('pageerror', error => wrong.push(error.message))
    page.on('request', request => asked.push(request.url()))
    const base = `http://127.0.0.1:${cloud.httpPort}`
    await page.goto(`${base}/`)
    await page.fill('[name=name]', 'city-1')
    await page.fill('[name=password]', password)
    await page.click('button.main')
    await page.waitForSelector('[data-incident]')
    t.strictSame(
      await page
        .locator('[data-incident]')
        .evaluateAll(all => all.map(one => (one as unknown as { dataset: { incident: string } }).dataset.incident)),
      ['i-red', 'i-yellow']
    )
    t.match(await page.textContent('[data-incident=i-red]'), /一号站台、B口楼梯/, 'wherever it has come to')
    t.match(await page.textContent('[data-incident=i-yellow]'), /公安 已签收.*运营单位 未签收/s)
    t.match(await page.textContent(`[data-station=${station}]`), /一号站台 640/)

    await page.click('[data-incident=i-red] button')
    await page.fill('textarea', '封闭二号口')
    await page.click('dialog .main')
    await page.waitForSelector('[data-incident=i-red] [data-order=done]')

    await north.uplink.close()
    for (let s = 0; s < 70; s += 10) {
      const before = cloud.counters().messages_total ?? 0
      clock.advance(seconds(10))
      hub.uplink.poke()
      await hub.journal.append([{ event: { type: 'station_started', id: station, at: s, epoch: 'e', version: '0' }, lane: 'events' }]).kept
      hub.uplink.poke()
      await until(() => (cloud.counters().messages_total ?? 0) > before, 'the hub is heard')
    }
    clock.advance(seconds(2))
    await page.waitForSelector('[data-station=north-gate][data-status=silent]')
    t.match(await page.textContent('header'), /北门社区联勤警务站 失联/)
    t.equal(await page.getAttribute(`[data-station=${station}]`, 'data-status'), 'online')
    await page.click('[data-incident=i-yellow] button')
    await page.fill('textarea', '请增派一组')
    await page.click('dialog .main')
    await page.waitForSelector('[data-incident=i-yellow] [data-order=pending]')
    t.match(await page.textContent('[data-order=pending]'), /尚未送达/)

    await page.evaluate(axe)
    const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as {
      impact: string
      id: string
      nodes: { html: string }[]
    }[]
    t.strictSame(
      found.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
      []
    )
    await page.click('button:has-text("English")')
    t.match(await page.textContent('header'), /北门社区联勤警务站 silent/)
    t.match(await page.textContent('[data-incident=i-red]'), /red I.*police silent/s)
    t.strictSame(wrong, [])
    t.strictSame(
      asked.filter(url => !url.startsWith(`${base}/`) && !url.startsWith('data:')),
      [],
      'no request leaves the cloud'
    )
  }
)
