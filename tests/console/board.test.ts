import { createHash } from 'node:crypto'
import type { Locator } from 'playwright-core'
import t from 'tap'
import type { Sentence } from '../../edge/domain/words.ts'
import { needs } from '../support/needs.ts'
import { fill, fitsPhone, form, openBrowser, openPage, picture, send, signIn, violations } from '../support/officer.ts'
import { until } from '../support/until.ts'

const hot: Sentence = { say: 'value_above', with: { quantity: 'temperature_celsius', value: 61, limit: 55 } }
t.setTimeout(120_000)

t.test('the board', { ...needs('/usr/bin/chromium'), timeout: 180_000 }, async t => {
  const browser = await openBrowser(t)

  t.test('an alert is seen, put on the shelf, taken back, and reset once it is over', async t => {
    const { page, desk, isFine } = await openPage(t, browser)
    await signIn(page)
    desk.raise({ kind: 'fire', zone: 'hall', severity: 'yellow', because: hot }, [])
    const alert = desk.alerts()[0]
    const row = page.locator(`[data-alert="${alert?.id}"]`)
    await row.getByRole('button', { name: '知道了' }).click()
    await row.getByText('wang 已知').waitFor()
    await row.getByRole('button', { name: '搁置' }).click()
    await fill(page, { for_s: '1800', mode: 'one_shot', reason: '厨房检修' })
    await send(page)
    await page.locator('.aside summary', { hasText: '1 条暂不叫人' }).click()
    t.match(await row.innerText(), /搁置到恢复，最迟 \d\d:\d\d:\d\d · wang：厨房检修/)
    await row.getByRole('button', { name: '取消搁置' }).click()
    await page.locator('.calling [data-alert]').waitFor()
    t.equal(desk.alerts()[0]?.shelved, undefined)
    desk.clear(alert?.id ?? '')
    await row.getByText('锁定，待复位').waitFor()
    await row.getByRole('button', { name: '复位' }).click()
    await row.waitFor({ state: 'detached' })
    t.equal(desk.alerts()[0]?.reset?.by, 'wang')
    isFine()
  })

  t.test('earlier episodes that nobody saw are counted, and seen all at once', async t => {
    const { page, desk, isFine } = await openPage(t, browser)
    await signIn(page)
    desk.raise({ kind: 'heat', zone: 'hall', severity: 'yellow', because: hot }, [])
    const { id = '', key = '', rule = '', zone = '', kind = 'heat' } = desk.alerts()[0] ?? {}
    for (let i = 0; i < 2; i++) {
      desk.clear(id)
      void desk.duty.desk.verdict({ key, rule, zone }, { kind }, { raised: true, severity: 'yellow', because: hot })
    }
    const row = page.locator(`[data-alert="${id}"]`)
    await row.getByText('之前 2 次没人看').waitFor()
    await row.getByRole('button', { name: '全部知道了（3）' }).click()
    await row.getByText('wang 已知').waitFor()
    t.strictSame([desk.alerts()[0]?.branches, desk.alerts()[0]?.acknowledged?.by], [undefined, 'wang'])
    isFine()
  })

  t.test('forty that fell silent together are one line, which opens', async t => {
    const { page, desk, isFine } = await openPage(t, browser)
    await signIn(page)
    for (let i = 0; i < 40; i++)
      desk.raise(
        {
          kind: 'device',
          zone: 'hall',
          rule: 'silent',
          device: `door-${i}`,
          severity: 'blue',
          because: { say: 'silent_for', with: { seconds: 300, limit: 120 } }
        },
        []
      )
    const fold = page.locator('[data-silenced-by] summary')
    await fold.waitFor()
    t.match(await fold.innerText(), /^40 条因“共因故障 · 换乘大厅”而静默/)
    t.equal(await page.locator('.calling > [data-alert]').count(), 1, 'one line calls')
    await picture(page, 'silenced')
    await fold.click()
    await page.locator('[data-silenced-by] [data-alert]').nth(39).waitFor()
    t.equal(await page.locator('[data-silenced-by] [data-alert]').count(), 40)
    isFine()
  })

  t.test('a thousand red alarms in twenty places are one card and one line; a press stands above them, and each opens', async t => {
    const { page, desk } = await openPage(t, browser)
    await signIn(page, 'commander')
    for (let i = 0; i < 1000; i++)
      desk.raise(
        {
          kind: 'fire',
          zone: `shop-${i % 20}`,
          rule: 'threshold',
          device: `smoke-${i}`,
          because: { say: 'flag_set', with: { quantity: 'smoke_alarm' } }
        },
        []
      )
    desk.raise({ kind: 'panic', zone: 'hall', rule: 'threshold', device: 'panic-1' }, ['police'])
    const storm = page.locator('[data-storm="wall"]')
    await storm.getByText('20 起警情 · 1000 条预警').waitFor()
    const press = desk.incidents().find(({ kind }) => kind === 'panic')
    await page.locator(`.incidents > h2 + [data-incident="${press?.id}"] + [data-storm]`).waitFor()
    t.equal(await page.locator('.incidents > [data-incident]').count(), 1, 'the press has its own card, first of all')
    const line = page.locator('[data-line="wall"]')
    await line.getByText('多处红色：火情 · 20 处 · 1000 条').waitFor()
    t.equal(await page.locator('.calling > li').count(), 2)
    await picture(page, 'storm')
    await line.locator('summary').first().click()
    await line.locator('[data-alert]').nth(49).waitFor()
    await storm.locator('.row').first().click()
    await storm.locator('[data-incident]').waitFor()
  })

  t.test('what is red or was pressed keeps its own card, whatever line its other alerts stand in', async t => {
    const { page, desk } = await openPage(t, browser)
    await signIn(page, 'commander')
    const fire = desk.raise({ kind: 'fire', zone: 'hall', rule: 'threshold', because: hot }, ['fire'])
    const fight = desk.raise({ kind: 'fight', zone: 'gate', rule: 'threshold', severity: 'yellow', because: hot }, ['police'])
    const press = desk.raise({ kind: 'panic', zone: 'gate', rule: 'threshold', device: 'panic-1', severity: 'orange' }, ['police'])
    desk.merge(press?.id ?? '', fight?.id ?? '', 'commander', '打架的人按的')
    for (const zone of ['hall', 'platform-1', 'stairs-b', 'shop-1', 'shop-2'])
      desk.raise({ kind: 'heat', zone, rule: 'threshold', severity: 'yellow', because: hot }, ['fire'])
    for (const zone of ['platform-1', 'stairs-b', 'shop-1'])
      desk.raise({ kind: 'fight', zone, rule: 'threshold', severity: 'orange', because: hot }, ['police'])
    const [smoke = ''] = fire?.alerts ?? []
    desk.alertCommand(smoke, { type: 'acknowledge', by: 'commander' })
    desk.clear(smoke)
    desk.alertCommand(smoke, { type: 'reset', by: 'commander' })
    await page.locator('[data-storm="kind:heat"]').getByText('4 起警情 · 5 条预警').waitFor()
    await page.locator('[data-storm="kind:fight"]').getByText('3 起警情 · 4 条预警').waitFor()
    t.strictSame(
      await page.locator('.incidents > [data-incident]').evaluateAll(cards => cards.map(card => card.getAttribute('data-incident'))),
      [fight?.id, fire?.id],
      'the pressed one first'
    )
  })

  t.test('what the public would hear waits for a person, who is asked once more, and says what became of it', async t => {
    const { page, desk, isFine } = await openPage(t, browser)
    await signIn(page)
    const id = desk.raise({ kind: 'fire', zone: 'hall', because: hot }, ['fire'])?.id ?? ''
    const propose = (action: string, persons: number): void =>
      void desk.command(id, { type: 'propose_action', action: { id: action, kind: 'siren', device: 'siren-1', persons } })
    propose('horn', 1)
    propose('way-out', 2)
    const row = page.locator('[data-action="horn"]')
    await row.getByText('待确认').waitFor()
    await page.locator('[data-action="way-out"]').getByText('0/2 人').waitFor()
    await picture(page, 'public')
    await row.getByRole('button', { name: '确认对外' }).click()
    await page.getByText('公众会听到或看到。').waitFor()
    await page.getByRole('button', { name: '对外发出' }).click()
    await row.getByText('wang 已确认').waitFor()
    desk.command(id, { type: 'action_became', action: 'horn', status: 'failed', why: 'the device has not answered' })
    await row.getByText('未执行 · 设备没有回报').waitFor()
    await row.getByRole('button', { name: '再发一次' }).waitFor()

    desk.command(id, { type: 'action_became', action: 'horn', status: 'sent' })
    await row.getByText('已发出').waitFor()
    t.equal(await row.getByRole('button', { name: '再发一次' }).count(), 0, 'what sounds is only to be ended')
    await row.getByRole('button', { name: '停止' }).click()
    const asked = page.getByText('立即静音或熄灭；需要时可再次确认发出。')
    await asked.waitFor()
    await page.evaluate("location.hash = '#/left'")
    await asked.waitFor({ state: 'hidden' })
    await row.getByText('已发出').waitFor()
    await row.getByRole('button', { name: '停止' }).click()
    await asked.waitFor()
    await page.locator('dialog').getByRole('button', { name: '停止' }).click()
    await row.getByText('正在停止').waitFor()
    await picture(page, 'stopping')
    desk.command(id, { type: 'action_became', action: 'horn', status: 'stopped' })
    await row.getByText('已停止').waitFor()
    await row.getByRole('button', { name: '再发一次' }).waitFor()
    isFine()
  })

  t.test('a task is given and answered, evidence leaves its fingerprint, a unit on scene says that it is well', async t => {
    const { page, desk, isFine } = await openPage(t, browser)
    await signIn(page, 'commander')
    const incident = desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police', 'operator'])
    const id = incident?.id ?? ''
    const card = page.locator(`[data-incident="${id}"]`)
    await card.locator('.answer').click()
    await card.getByRole('button', { name: '到场' }).click()
    await card.locator('[data-watched=patrol-1]').waitFor()
    t.match(await card.locator('[data-watched=patrol-1]').innerText(), /巡逻一组[\s\S]*内须报平安/)
    await card.getByRole('button', { name: '报平安' }).click()
    await until(() => desk.journal.read(0, 200).some(({ event }) => event.type === 'incident_checked_in'), 'the check-in is written down')

    await card.locator('.tasks summary').click()
    await card.getByRole('button', { name: '＋ 派任务' }).click()
    await fill(page, { text: '清场到B口', unit: 'ops-1', zone: 'stairs-b', power: 'limit_entry', minutes: '5' })
    await send(page)
    const task = card.locator('[data-task]')
    t.match(await task.innerText(), /清场到B口[\s\S]*运营值班 · B口楼梯[\s\S]*还剩 (4:5\d|5:00)/)
    await task.getByRole('button', { name: '完成' }).click()
    await fill(page, { answer: '已清空' })
    await send(page)
    await task.getByText('已清空').waitFor()

    await card.locator('.evidence summary').click()
    await card.locator('input[type=file]').setInputFiles({ name: '现场.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('picture') })
    await form(page).waitFor()
    await send(page)
    const sha256 = createHash('sha256').update('picture').digest('hex')
    await card.locator(`[data-attachment="${sha256}"]`).waitFor()
    t.match(desk.incidents()[0]?.attachments, [{ name: '现场.jpg', bytes: 7, media_type: 'image/jpeg', sha256 }])

    await card.locator('.units summary').click()
    const steps = await card.locator('[data-unit=patrol-1] .reached').allInnerTexts()
    t.match(steps.join(' '), /^已通知 \S+ 已送达 \S+ (已听到 \S+ )?已签收 \S+ 已到场 \S+$/, 'the whole ladder with its times')
    t.strictSame(await violations(page), [])
    await picture(page, 'card')
    isFine()
  })

  t.test('a call is reported as shown when it was painted, and as heard when its notes were played', async t => {
    const { page, desk } = await openPage(t, browser)
    await signIn(page)
    const statusOf = (id: string | undefined) => desk.incidents().find(incident => incident.id === id)?.responses['patrol-1']?.status
    await page.getByRole('button', { name: '声音开' }).click()
    const silent = desk.raise({ kind: 'fire', zone: 'platform-1' }, ['police', 'fire'])
    await until(() => statusOf(silent?.id) === 'shown', 'the first was shown')
    await page.getByRole('button', { name: '声音关' }).click()
    const loud = desk.raise({ kind: 'panic', zone: 'platform-1', severity: 'orange' }, ['police'])
    await until(() => statusOf(loud?.id) === 'heard', 'the second was heard')
    t.equal(statusOf(silent?.id), 'shown', 'nothing was heard while the sound was off')

    const { id = '' } = desk.raise({ kind: 'fire', zone: 'stairs-b', severity: 'red' }, ['police', 'fire']) ?? {}
    const card = page.locator(`[data-incident="${id}"]`)
    await card.waitFor()
    desk.duty.desk.command(id, { type: 'respond', unit: 'patrol-1', by: 'wang', status: 'on_scene' })
    await page.evaluate(`window.notes = 0; const start = OscillatorNode.prototype.start
      OscillatorNode.prototype.start = function (...when) { window.notes++; return start.apply(this, when) }`)
    const again = { type: 'worsen', severity: 'red', because: hot, needs: [], ask: [] } as const
    for (const [what, notes] of [
      [{ ...again, place: 'hall' }, 6],
      [{ ...again, again: true }, 12]
    ] as const) {
      desk.duty.desk.command(id, what)
      await until(
        async () => (await page.evaluate('window.notes')) === notes,
        'who is there hears that it is in one more place, or came again'
      )
    }
    t.match(await card.locator('h3').innerText(), /B口楼梯、换乘大厅/)
    await page.route('**/responses', route => route.abort())
    const late = desk.raise({ kind: 'other', zone: 'platform-1' }, ['police'])
    await page.locator(`[data-incident="${late?.id}"]`).waitFor()
    t.equal(statusOf(late?.id), 'asked')
    await page.unroute('**/responses')
    await until(() => statusOf(late?.id) !== 'asked', 'what the network lost is said again')
  })

  t.test('where the browser cannot make a fingerprint, a person types the one that another tool made', async t => {
    const { page, desk, isFine } = await openPage(t, browser)
    await page.addInitScript('Object.defineProperty(crypto, "subtle", { value: undefined })')
    await page.reload()
    await signIn(page)
    desk.raise({ kind: 'fire', zone: 'hall' }, ['police', 'fire'])
    await page.locator('.evidence summary').click()
    await page.locator('input[type=file]').setInputFiles({ name: 'a.mp4', mimeType: 'video/mp4', buffer: Buffer.from('film') })
    const sha256 = createHash('sha256').update('film').digest('hex')
    await fill(page, { sha256: sha256.toUpperCase(), text: '出入口录像' })
    await send(page)
    await page.locator(`[data-attachment="${sha256}"]`, { hasText: '出入口录像' }).waitFor()
    isFine()
  })

  t.test('two reports of one danger are merged, a part is split off, what was closed too soon is reopened', async t => {
    const { page, desk, isFine } = await openPage(t, browser)
    await signIn(page, 'commander')
    const first = desk.raise({ kind: 'crowd', zone: 'platform-1', severity: 'orange' }, ['police'])
    const second = desk.raise({ kind: 'fire', zone: 'hall', severity: 'orange', because: hot }, ['police', 'fire'])
    const cardOf = (id: string | undefined): Locator => page.locator(`[data-incident="${id}"]`)
    await cardOf(second?.id).getByRole('button', { name: '并案' }).click()
    await fill(page, { into: first?.id ?? '', reason: '同一处冒烟引起' })
    await picture(page, 'merge')
    await send(page)
    await cardOf(second?.id).waitFor({ state: 'detached' })
    await cardOf(first?.id).getByText('已并入 1 起警情').waitFor()

    await cardOf(first?.id).getByRole('button', { name: '分案' }).click()
    await form(page).locator('.choice', { hasText: '火情' }).click()
    await fill(page, { kind: 'fire', zone: 'hall', severity: 'orange', reason: '两回事' })
    await picture(page, 'split')
    await send(page)
    await page.getByText('由另一起警情分出').waitFor()
    const third = desk.incidents().find(({ split_from }) => split_from === first?.id)
    t.strictSame(third?.alerts, second?.alerts, 'the fire has its alert again')

    await cardOf(third?.id).getByRole('button', { name: '关闭警情' }).click()
    await fill(page, { outcome: 'false_alarm', text: '水汽' })
    await send(page)
    await cardOf(third?.id).waitFor({ state: 'detached' })
    await page.locator('.closed summary').click()
    const closed = page.locator(`[data-closed="${third?.id}"]`)
    await closed.waitFor()
    t.match(await closed.innerText(), /火情 · 换乘大厅[\s\S]*误报：水汽/)
    await picture(page, 'closed')
    await closed.getByRole('button', { name: '重新立案' }).click()
    await fill(page, { reason: '又冒烟了' })
    await send(page)
    await cardOf(third?.id)
      .getByText(/commander \S+ 重新立案：又冒烟了/)
      .waitFor()
    isFine()
  })

  t.test('a detector is taken out of service, patrolled, and put back', async t => {
    const { page, desk, isFine } = await openPage(t, browser)
    await signIn(page, 'li')
    desk.raise({ kind: 'heat', zone: 'hall', severity: 'yellow', because: hot }, [])
    await page.getByRole('link', { name: '维护' }).click()
    await page.getByRole('button', { name: '＋ 安排维护' }).click()
    await fill(page, { zone: 'hall', minutes: '30', reason: '更换烟感', unit: 'patrol-2', every: '10' })
    await picture(page, 'maintenance-form')
    await send(page)
    const window = page.locator('[data-window]')
    t.match(
      await window.innerText(),
      /换乘大厅\s+维护中[\s\S]*还有 (29:5\d|30:00)[\s\S]*更换烟感[\s\S]*责任人：li[\s\S]*巡逻二组 每 10 分钟巡一次/
    )
    await window.getByRole('button', { name: '已巡，无异常' }).click()
    await window.getByText(/已巡 1 次/).waitFor()
    t.match(
      await page.locator('[data-due="smoke-b3 battery"]').innerText(),
      /一号站台 · 电池[\s\S]*电量 26%，每天约降 1%，约 \d+ 天后低于 10%[\s\S]*\d+ 天内/
    )
    t.strictSame(await violations(page), [])
    await picture(page, 'maintenance')
    await page.getByRole('link', { name: '态势' }).click()
    await page.locator('.aside summary').click()
    await page.getByText(/维护至 \d\d:\d\d:\d\d · 巡逻二组 代巡/).waitFor()
    await page.getByRole('link', { name: '维护', exact: true }).click()
    await window.getByRole('button', { name: '恢复运行' }).click()
    await page.getByText('没有正在进行的维护').waitFor()
    t.equal(desk.alerts()[0]?.out_of_service, undefined)
    isFine()
  })

  t.test('somebody reports something, and it can be read by all', async t => {
    const { page, isFine } = await openPage(t, browser)
    await signIn(page)
    await page.getByRole('button', { name: '＋ 报告情况' }).click()
    await fill(page, { kind: 'crowd', zone: 'hall', text: '闸机口走不动' })
    await send(page)
    await page.getByText('已收到您的报告').waitFor()
    await page.locator('.reports summary').click()
    t.match(await page.locator('[data-report]').innerText(), /人群聚集 · 换乘大厅[\s\S]*wang[\s\S]*闸机口走不动/)
    isFine()
  })

  t.test('all of it fits a phone, in both languages', async t => {
    const { page, desk, isFine } = await openPage(t, browser, { width: 390, height: 844 })
    await signIn(page, 'commander')
    desk.people('platform-1', 760)
    const incident = desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police', 'operator'])
    desk.raise({ kind: 'heat', zone: 'gate', severity: 'yellow', because: hot }, [])
    desk.command(incident?.id ?? '', {
      type: 'add_task',
      task: { id: 't-1', text: '清场到B口，沿路喊话', by: 'li', unit: 'ops-1', due_at: Date.now() + 1500 }
    })
    const card = page.locator('.incident')
    await card.locator('.answer').click()
    await card.getByRole('button', { name: '到场' }).click()
    await card.locator('.units summary').click()
    await card.locator('.evidence summary').click()
    await card.getByText('已超时', { exact: true }).waitFor()
    t.ok(await fitsPhone(page))
    await picture(page, 'phone-zh')
    await page.click('text=English')
    await page.locator('.incident >> text=crowding').first().waitFor()
    t.ok(await fitsPhone(page))
    const text = await page.locator('body').innerText()
    for (const word of ['警情', '签收', '静默', '预警', '到场', '任务', '证据', '搁置', '报告', '维护', '结案']) t.notMatch(text, word)
    await picture(page, 'phone-en')
    t.strictSame(await violations(page), [])
    isFine()
  })
})
