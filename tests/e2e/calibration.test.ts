/** An installer calibrates a real camera in a real browser: the running station counts by it at once, and again after a restart. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Page } from 'playwright-core'
import t from 'tap'
import type { CalibrationShape } from '../../edge/console/calibration-shape.ts'
import { buildScreens } from '../../edge/console/screen/build.ts'
import { makeBox, signIn } from '../support/box.ts'
import { data, needsData } from '../support/data.ts'
import { needs } from '../support/needs.ts'
import { square_files } from '../support/square.ts'
import { until } from '../support/until.ts'

t.setTimeout(400_000)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe)
  const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as { id: string; nodes: { html: string }[] }[]
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}
const picture = async (page: Page, name: string): Promise<void> => {
  const folder = process.env.PICTURES
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` })
}

/** Six places of the square; the metres are such that the people annotated there come out 1.75 m tall. */
const known: readonly { readonly px: readonly [number, number]; readonly m: readonly [number, number] }[] = [
  { px: [82.3, 269.7], m: [-3.36, 0] },
  { px: [482.2, 285.1], m: [4.32, 3.84] },
  { px: [633.8, 344.2], m: [8.16, 1.92] },
  { px: [520.3, 458.3], m: [8.16, -3.84] },
  { px: [220.7, 444.9], m: [4.32, -5.76] },
  { px: [102.6, 355.1], m: [0.48, -3.84] }
]

const programs = needs('/usr/bin/chromium', 'ffmpeg')
t.test(
  'an installer teaches the station what a metre is',
  { ...(programs.skip === false ? needsData(...square_files) : programs) },
  async t => {
    await buildScreens()
    const dir = t.testdir({})
    const zones = [{ id: 'platform-1', name: '一号站台', use: 'platform', area_m2: 100 }]
    const box = await makeBox(dir, [], {
      zones,
      cameras: [{ id: 'cam-1', url: data(square_files[0]), zone: 'platform-1', fps: 2 }],
      units: []
    })
    let station = await box.start()
    t.teardown(() => station.end())
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic']
    })
    t.teardown(() => browser.close())
    const page = await (await browser.newContext({ viewport: { width: 1600, height: 1000 } })).newPage()
    const wrong: string[] = []
    page.on('pageerror', error => wrong.push(error.message))
    page.on('console', message => void (message.type() === 'error' && !message.text().includes('401') && wrong.push(message.text())))
    const session = await signIn(box.url, 'installer', box.password)
    const seen = async () => (await session.get<{ state: string; people_count: number | null }[]>('/api/cameras'))[0]
    await until(async () => (await seen())?.people_count !== null, 'the camera is counted', 60_000)

    await page.goto(`${box.url}/#/calibration`)
    await page.fill('[name=name]', 'installer')
    await page.fill('[name=password]', box.password)
    await page.keyboard.press('Enter')
    const take = async (): Promise<void> => {
      await page.locator('[data-take]').click()
      await page.locator('dialog.ask button[type=submit], dialog.ask .main').first().click()
      await page.locator('svg[role=application] image').waitFor()
    }
    await take()

    const svg = page.locator('svg[role=application]')
    const click = async ([x, y]: readonly [number, number]): Promise<void> => {
      const box = await svg.boundingBox()
      if (box === null) throw new Error('no picture')
      await page.mouse.click(box.x + (x / 768) * box.width, box.y + (y / 576) * box.height)
    }
    for (const [i, { px, m }] of known.entries()) {
      await click(px)
      const inputs = page.locator(`[data-ground="${i}"] input`)
      await inputs.nth(2).fill(String(m[0]))
      await inputs.nth(3).fill(String(m[1]))
    }
    t.match(await page.locator('[data-fits]').innerText(), /平均偏差 [\d.]+ 厘米，摄像头高 [\d.]+ 米/)
    t.ok((await page.locator('polyline.grid').count()) > 8, 'the metres lie on the picture')

    // A slip of a metre is seen before anything is saved.
    const slip = page.locator('[data-ground="1"] input').nth(2)
    await slip.fill(String((known[1]?.m[0] ?? 0) + 3))
    await page.locator('[data-doubt=off]').waitFor()
    await picture(page, 'slip')
    await slip.fill(String(known[1]?.m[0]))
    await page.locator('[data-doubt=off]').waitFor({ state: 'detached' })

    // By keys alone: a point is moved and comes back.
    const point = page.locator('[data-point="0"]')
    const x = () => page.locator('[data-ground="0"] input').first().inputValue()
    const before = await x()
    await point.focus()
    await page.keyboard.press('Shift+ArrowRight')
    t.equal(Number(await x()), Number(before) + 20)
    await page.keyboard.press('Shift+ArrowLeft')

    await page.click('[data-tool=outline]')
    for (const { px } of known.slice(0, 4)) await click([px[0], px[1] - 0.01])
    const area = Number(/([\d.]+) 平方米/.exec(await page.locator('[data-zone=platform-1]').innerText())?.[1])
    t.ok(area > 20 && area < 2000, `${area} m²`)
    await page.click('[data-tool=mask]')
    await page.getByText('再加一块遮挡').click()
    for (const at of [
      [4, 4],
      [200, 4],
      [200, 60],
      [4, 60]
    ] as const)
      await click(at)
    await page.click('[data-tool=ground]')
    await picture(page, 'calibration')
    t.strictSame(await violations(page), [])
    await page.click('[data-save]')
    await page.locator('.toast').waitFor()

    const zoneNow = async () => (await session.get<{ area_m2: number; density_per_m2: number | null }[]>('/api/zones'))[0]
    t.ok(Math.abs(((await zoneNow())?.area_m2 ?? 0) - area) < 0.1, 'the zone has the area of its outline')
    await until(async () => typeof (await zoneNow())?.density_per_m2 === 'number', 'the running camera counts by it', 30_000)
    const taught = await session.get<CalibrationShape>('/api/cameras/cam-1/calibration')
    t.match(taught, { changes: [{ by: 'installer' }] })
    t.equal(taught.ground.length, known.length)
    const still = await fetch(`${box.url}/api/cameras/cam-1/calibration/still?reason=test`, { headers: { cookie: session.cookie } })
    const pixels = Buffer.from(await still.arrayBuffer()).subarray(2_000, 2_032)
    t.equal(pixels.length, 32, 'a still is a picture')
    const yaml = await (await fetch(`${box.url}/api/cameras/cam-1/calibration.yaml`, { headers: { cookie: session.cookie } })).text()
    t.match(yaml, /id: cam-1\n\s+ground:/)

    await page.click('[data-tool=heads]')
    for (const heads of [4, 5, 6]) {
      if ((await page.locator('svg[role=application]').count()) === 0) await take()
      for (let i = 0; i < heads; i++) await click([260 + i * 40, 320])
      t.match(await page.locator('[data-counted]').innerText(), new RegExp(`您点了 ${heads} 人，模型数出 [\\d.]+ 人`))
      if (heads === 6) await picture(page, 'heads')
      await page.getByText('这张点完了').click()
    }
    await page.getByText('用这 3 张校准').click()
    await page.locator('[data-scale]').filter({ hasText: '校准系数' }).waitFor()
    await picture(page, 'scaled')
    t.strictSame(await violations(page), [])
    const scaled = await session.get<CalibrationShape>('/api/cameras/cam-1/calibration')
    t.strictSame(
      scaled.stills.map(({ heads }) => heads),
      [4, 5, 6]
    )

    await page.click('text=English')
    await page.locator('text=Count heads').first().waitFor()
    t.notMatch(await page.locator('.work').innerText(), /\p{Script=Han}/u)
    await picture(page, 'en')
    t.strictSame(wrong, [])

    const { body: audit } = { body: await (await signIn(box.url, 'auditor', box.password)).get<{ type: string }[]>('/api/audit') }
    for (const type of ['still_taken', 'camera_calibrated', 'camera_scaled'])
      t.ok(
        audit.some(entry => entry.type === type),
        `${type} is written down`
      )
    const patrol = await fetch(`${box.url}/api/cameras/cam-1/calibration`, {
      headers: { cookie: (await signIn(box.url, 'patrol', box.password)).cookie }
    })
    t.equal(patrol.status, 403, 'an officer may not')

    await station.end()
    for (const file of readdirSync(`${box.dir}/state`, { recursive: true, encoding: 'utf8' }))
      if (statSync(`${box.dir}/state/${file}`).isFile())
        t.notOk(readFileSync(`${box.dir}/state/${file}`).includes(pixels), `there is no picture in ${file}`)
    station = await box.start()
    const again = await signIn(box.url, 'installer', box.password)
    const undo = (what: string) =>
      fetch(`${box.url}/api/cameras/cam-1/calibration/${what}`, { method: 'DELETE', headers: { cookie: again.cookie } })
    t.strictSame((await again.get<CalibrationShape>('/api/cameras/cam-1/calibration')).ground, taught.ground, 'it holds over a restart')
    const undone = (await (await undo('ground')).json()) as CalibrationShape
    t.strictSame([undone.ground, undone.zones[0]?.area_m2], [[], 100], 'and one step back is what station.yaml says')
    t.equal((await undo('ground')).status, 409)
  }
)
