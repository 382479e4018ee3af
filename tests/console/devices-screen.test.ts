import t from 'tap'
import type { Announced } from '../../edge/domain/announced.ts'
import { needs } from '../support/needs.ts'
import { fitsPhone, form, openBrowser, openPage, picture, send, signIn, violations } from '../support/officer.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

const stall: Announced = {
  key: '30aea4f0c1d2',
  name: '摊位 7 烟感',
  maker: 'Espressif',
  model: 'esp32dev',
  area: '换乘大厅',
  gives: ['temperature_celsius', 'smoke_alarm'],
  left_out: ['odd: value_template 只认取值路径 · of value_template only paths are understood'],
  entities: [
    {
      key: 'binary_sensor/stall-7/smoke',
      name: '烟感',
      quantity: 'smoke_alarm',
      topic: 'stall-7/smoke',
      path: [],
      reads: 'flag',
      on: 'ON',
      off: 'OFF'
    },
    {
      key: 'sensor/stall-7/heat',
      name: '温度',
      quantity: 'temperature_celsius',
      topic: 'stall-7/air',
      path: [],
      reads: 'number',
      times: 1,
      plus: 0
    }
  ],
  presence: [],
  presence_mode: 'latest',
  expires_s: 604_800
}

t.test('the page of devices', { ...needs('/usr/bin/chromium'), timeout: 120_000 }, async t => {
  const browser = await openBrowser(t)

  t.test('what announced itself is let in by one press, after the page has said what it will cause', async t => {
    const { page, desk, isFine } = await openPage(t, browser, { width: 1600, height: 1000 })
    await desk.onboarding.enrol({ id: 'gw', profile: 'homeassistant', topic: 'homeassistant', zone: 'hall', by: 'installer' })
    desk.let_in.proposals.hear('gw', 'homeassistant/binary_sensor/stall-7/smoke/config', [stall], desk.clock.now())
    desk.let_in.sensors.hear({
      device: 'gw',
      topic: 'homeassistant/unheard/of',
      payload: new TextEncoder().encode('1'),
      at: desk.clock.now()
    })
    await signIn(page, 'installer')
    await page.getByRole('link', { name: '设备' }).click()
    const card = page.locator('[data-proposal]')
    t.match(
      await card.innerText(),
      /摊位 7 烟感[\s\S]*温度[\s\S]*烟雾报警[\s\S]*经 gw · 自称在“换乘大厅” · 自称 4000 秒没有消息即为失联[\s\S]*1 项没有采用/
    )
    t.match(await page.locator('[data-name]').innerText(), /homeassistant\/unheard\/of/)
    t.strictSame(await violations(page), [])
    await picture(page, 'devices-waiting')
    await card.getByRole('button', { name: '放行' }).click()
    const dialog = page.locator('dialog.enrol')
    t.match(await dialog.innerText(), /烟雾报警[\s\S]*红色 I级 火情[\s\S]*须由公安、消防答复[\s\S]*清单“火情处置”，5 步/)
    await dialog.locator('[name=id]').fill('stall-7')
    await dialog.locator('[name=temperature_celsius-0]').fill('50')
    t.strictSame(await violations(page), [])
    await picture(page, 'devices-let-in')
    await dialog.getByRole('button', { name: '放行' }).click()
    await page.locator('[data-device=stall-7]').waitFor()
    await card.waitFor({ state: 'detached' })
    t.match(desk.duty.state.enrolled.get('stall-7'), { via: 'gw', limits: { temperature_celsius: [50, 57] } })
    t.strictSame(desk.let_in.dropped, ['gw'], 'its gateway comes back with the right to speak for it')
    isFine()
  })

  t.test('a credential is shown once with its QR code, made anew, and revoked', async t => {
    const { page, desk, isFine } = await openPage(t, browser, { width: 1600, height: 1000 })
    await signIn(page, 'installer')
    await page.getByRole('link', { name: '设备' }).click()
    t.match(await page.locator('[data-device=smoke-b3]').innerText(), /应为：UTF-8 编码的 JSON/)
    await page.getByRole('button', { name: '接入设备' }).click()
    const dialog = page.locator('dialog.enrol')
    await dialog.locator('[name=id]').fill('th-1')
    await dialog.locator('[name=profile]').selectOption('tasmota')
    await dialog.locator('[name=topic]').fill('TH16')
    await picture(page, 'devices-add')
    await dialog.getByRole('button', { name: '放行' }).click()
    const credential = page.locator('dialog.credential')
    await credential.locator('[data-password]').waitFor()
    t.match(
      await credential.innerText(),
      /th-1 的凭据[\s\S]*mqtt:\/\/127\.0\.0\.1:1883[\s\S]*shown-this-once[\s\S]*TH16[\s\S]*只有本机能用/
    )
    t.ok((await credential.locator('svg path').getAttribute('d'))?.startsWith('M'))
    t.strictSame(await violations(page), [])
    await picture(page, 'devices-credential')
    await credential.getByRole('button', { name: '已抄好' }).click()
    t.notMatch(await page.content(), /shown-this-once/, 'closed, it is nowhere')

    const row = page.locator('[data-device=th-1]')
    await row.locator('summary', { hasText: '密码' }).click()
    await row.getByRole('button', { name: '换凭据' }).click()
    t.match(await form(page).innerText(), /旧凭据和它的会话立即失效/)
    await send(page)
    await credential.getByRole('button', { name: '已抄好' }).click()
    desk.let_in.sensors.hear({
      device: 'th-1',
      topic: 'tele/TH16/SENSOR',
      payload: new TextEncoder().encode('{"AM2301": {"Temperature": 24.6}}'),
      at: desk.clock.now()
    })
    await page.reload()
    await row.locator('summary', { hasText: '密码' }).click()
    await row.getByRole('button', { name: '界限' }).click()
    t.match(await form(page).innerText(), /温度 °C（规则：45 \/ 57）/)
    await form(page).locator('input').fill('50 / 56')
    await send(page)
    t.strictSame(desk.duty.state.enrolled.get('th-1')?.limits, { temperature_celsius: [50, 56] })
    await row.getByRole('button', { name: '吊销' }).click()
    await send(page)
    await row.locator('summary', { hasText: '已吊销' }).waitFor()
    t.strictSame(desk.let_in.dropped, ['th-1', 'th-1'])
    await page.click('text=English')
    await page.locator('text=Add a device').waitFor()
    const chinese = async () => /接入|凭据|吊销|应为|密码/.test(await page.locator('.devices').innerText())
    await until(async () => !(await chinese()), 'all of it in English')
    isFine()
  })

  t.test('on a phone everything fits, and who does not look after devices may only look', async t => {
    const { page, desk, isFine } = await openPage(t, browser, { width: 390, height: 844 })
    await desk.onboarding.enrol({ id: 'gw', profile: 'homeassistant', topic: 'homeassistant', zone: 'hall', by: 'installer' })
    desk.let_in.proposals.hear('gw', 'homeassistant/x/config', [stall], desk.clock.now())
    await signIn(page, 'wang')
    await page.goto(`${page.url().split('#')[0]}#/devices`)
    await page.locator('[data-device=gw]').waitFor()
    await page.locator('[data-cell]').first().waitFor()
    const acts = page.locator('.devices').getByRole('button', { name: /放行|接入|凭据|吊销|界限|更换|移除/ })
    t.equal(await acts.count(), 0)
    t.ok(await fitsPhone(page))
    await picture(page, 'devices-phone')
    isFine()
  })
})
