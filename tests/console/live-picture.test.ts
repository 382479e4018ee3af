/** What an officer sees of a camera: real moving pictures from a real RTSP server and a real recording, and never an old one as live. */
import type { Browser, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { realClock } from '../../edge/clock.ts'
import { openPreview } from '../../edge/ingest/preview.ts'
import { animatedWebp } from '../support/cameras.ts'
import { needs } from '../support/needs.ts'
import { fill, fitsPhone, openBrowser, openPage, picture, send, signIn, violations } from '../support/officer.ts'
import { needsRtsp, rtspServer } from '../support/rtsp.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

const stage = (page: Page, shows: 'mp4' | 'mpeg1') => page.locator(`.live-picture .stage[data-shows=${shows}]`)
const cover = (page: Page) => page.locator('.live-picture .cover')
const watch = async (page: Page, camera: string, reason = '核实站台情况'): Promise<void> => {
  await page.locator(`[data-camera=${camera}] button`).click()
  await fill(page, { reason })
  await send(page)
}
/** A sum over what is drawn now: two different sums are two different pictures. */
const pixels = (page: Page, of: 'video' | 'canvas'): Promise<number> =>
  page.evaluate(`(() => {
    const shown = document.querySelector('.live-picture ${of}')
    const copy = Object.assign(document.createElement('canvas'), { width: 64, height: 48 })
    copy.getContext('2d').drawImage(shown, 0, 0, 64, 48)
    return copy.getContext('2d').getImageData(0, 0, 64, 48).data.reduce((sum, value, i) => (sum * 31 + value * (i % 4 === 3 ? 0 : 1)) % 1000003, 7)
  })()`)
const moves = async (page: Page, of: 'video' | 'canvas'): Promise<void> => {
  const first = await pixels(page, of)
  await until(async () => (await pixels(page, of)) !== first, `the ${of} moves`, 5_000)
}

/** The officers' app over real pictures: cam-1 is what the test says, cam-2 a recording. */
const openReal = async (t: Test, browser: Browser, url: string, size?: { width: number; height: number }) => {
  const opened = await openPage(t, browser, size)
  const folder = t.testdir()
  await animatedWebp(`${folder}/crowd.webp`)
  const preview = openPreview({
    cameras: [
      { id: 'cam-1', url, zone: 'platform-1' },
      { id: 'cam-2', url: `${folder}/crowd.webp`, zone: 'hall' }
    ],
    clock: realClock,
    log: { info: () => {}, warn: () => {} }
  })
  t.teardown(() => preview.close())
  Object.assign(opened.desk, { preview })
  return { ...opened, preview }
}

const skip = needsRtsp().skip || needs('/usr/bin/chromium').skip
t.test('an officer watches a camera', { skip, timeout: 120_000 }, async t => {
  const browser = await openBrowser(t)

  t.test('H.264 from the camera moves in the browser; when it stops it is covered, with why and since when', async t => {
    const server = await rtspServer()
    t.teardown(() => server.stop())
    const { page, desk, preview, isFine } = await openReal(t, browser, server.url)
    await signIn(page)
    await watch(page, 'cam-1')
    await stage(page, 'mp4').waitFor({ timeout: 15_000 })
    const at = () => page.evaluate(`document.querySelector('.live-picture video').currentTime`) as Promise<number>
    const began = await at()
    await until(async () => (await at()) > began + 1, 'the video plays', 10_000)
    await moves(page, 'video')
    t.match(await page.locator('.live-picture').innerText(), /实时 · 画面 [0-2]\.\d 秒前[\s\S]*还可看 9:\d\d[\s\S]*核实站台情况/)
    await picture(page, 'live-picture')
    t.strictSame(await violations(page), [])
    t.match(
      desk.journal.read(0, 100).flatMap(({ event }) => (event.type === 'live_view_began' ? [event] : [])),
      [{ id: 'cam-1', by: 'wang', reason: '核实站台情况' }]
    )

    const [ffmpeg] = preview.pids()
    process.kill(ffmpeg ?? 0, 'SIGSTOP')
    await cover(page).getByText('没有新画面').waitFor({ timeout: 8_000 })
    t.notOk(await page.locator('.live-picture video').isVisible(), 'the old picture is gone')
    t.match(await cover(page).innerText(), /\d\d:\d\d:\d\d 起没有实时画面/)
    process.kill(ffmpeg ?? 0, 'SIGCONT')
    await stage(page, 'mp4').waitFor({ timeout: 8_000 })

    await server.stop()
    await cover(page).getByText(/·/).waitFor({ timeout: 10_000 })
    t.notOk(await page.locator('.live-picture video').isVisible())
    await picture(page, 'live-picture-covered')
    const back = await rtspServer({ port: server.port })
    t.teardown(() => back.stop())
    await stage(page, 'mp4').waitFor({ timeout: 30_000 })
    await moves(page, 'video')

    await page.keyboard.press('Escape')
    await until(() => preview.pids().length === 0, 'nobody looks, nothing runs', 5_000)
    t.equal(await page.evaluate(`document.activeElement.closest('[data-camera]')?.dataset.camera`), 'cam-1', 'one is back where one asked')
    isFine()
  })

  t.test('a recording is painted, in English, on a phone', async t => {
    const { page, isFine } = await openReal(t, browser, '/nowhere.mp4', { width: 390, height: 844 })
    await signIn(page)
    await page.click('text=English')
    await watch(page, 'cam-2', 'lost child')
    await stage(page, 'mpeg1').waitFor({ timeout: 15_000 })
    await moves(page, 'canvas')
    const text = await page.locator('.live-picture').innerText()
    t.match(text, /Live · picture [0-2]\.\d s old[\s\S]*9:\d\d left[\s\S]*lost child/)
    for (const word of ['实时', '画面', '关闭']) t.notMatch(text, word)
    t.ok(await fitsPhone(page))
    t.strictSame(await violations(page), [])
    await picture(page, 'live-picture-phone')
    isFine()
  })

  t.test('who may not look now is told why; what has ended may be opened again', async t => {
    const { page, desk, wrong } = await openPage(t, browser)
    await signIn(page)
    await watch(page, 'cam-1')
    await cover(page).getByText('正在打开画面…').waitFor()
    desk.camera('cam-1', { state: 'covered', why: 'dark' })
    await page.locator('.live-picture .state', { hasText: '遮挡' }).waitFor()
    desk.preview.fail('cam-1', '摄像头拒绝了用户名或密码 · the camera refuses the user name or the password', true)
    await cover(page).getByText('摄像头拒绝了用户名或密码').waitFor()
    t.equal(desk.preview.viewers('cam-1'), 0)
    await page.getByRole('button', { name: '再打开' }).click()
    await until(() => desk.preview.viewers('cam-1') === 1, 'it is watched again')
    await page.keyboard.press('Escape')
    await until(() => desk.preview.viewers('cam-1') === 0, 'it is left')

    await page.evaluate(
      `void (globalThis.others = Array.from({ length: 4 }, () => new WebSocket(location.origin.replace('http', 'ws') + '/api/cameras/cam-1/live?reason=x')))`
    )
    await until(() => desk.preview.viewers('cam-1') === 4, 'four watch already')
    await watch(page, 'cam-1')
    await cover(page).getByText('已有 4 人在看这个摄像头，请等一位离开。').waitFor()
    t.ok(wrong.length > 0 && wrong.every(line => /WebSocket|409/.test(line)), 'the browser complains of the refusal alone')

    const auditor = await page.context().browser()?.newContext()
    t.teardown(() => auditor?.close())
    const other = await auditor?.newPage()
    await other?.goto(page.url())
    if (other !== undefined) await signIn(other, 'auditor')
    await other?.locator('[data-camera=cam-1]').waitFor()
    t.equal(await other?.locator('[data-camera=cam-1] button').count(), 0, 'who may not look is not offered it')
  })
})
