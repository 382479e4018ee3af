/** 200 officers on line at a real station: each hears every alarm, also those who were away for a moment. */
import t from 'tap'
import { openDutyOf } from '../support/officers.ts'
import { until } from '../support/until.ts'

const officers = 200
const away = 50
const alarms = 12

t.test('every officer hears every alarm in its order, and whoever was away comes back without a gap', async t => {
  const duty = await openDutyOf(t.testdir({}), officers, alarms)
  t.teardown(duty.close)
  for (let n = 0; n < 4; n++) await duty.smoke(n)
  // Fifty lose their network while the alarms go on.
  const [dropped] = await Promise.all([
    duty.ask<'dropped'>({ type: 'drop', screens: away, away_ms: 600 }),
    (async () => {
      for (let n = 4; n < 8; n++) await duty.smoke(n)
    })()
  ])
  t.equal(dropped.screens, away)
  for (let n = 8; n < alarms; n++) await duty.smoke(n)
  const heard = async () => (await duty.ask<'heard'>({ type: 'tell' })).screens
  await until(
    async () => (await heard()).every(({ first }) => Object.keys(first).length === alarms),
    'all have heard of all twelve',
    20_000
  )
  const screens = await heard()
  t.equal(screens.length, officers)
  const [, ...stayed] = screens.slice(away)
  const seq = (id: string): number => Number(id.split(':')[1])
  const last = Math.min(...screens.map(({ ids }) => seq(ids.at(-1) ?? '')))
  /** What the ones who stayed heard is the measure; those who went hear of each entry too, if only as it now is. */
  const numbers = (ids: readonly string[], from: number): string =>
    [...new Set(ids.map(seq))].filter(one => one > from && one <= last).join(' ')
  const from = Math.max(...screens.map(({ ids }) => seq(ids[0] ?? '')))
  const all = numbers(stayed[0]?.ids ?? [], from)
  t.ok(all.split(' ').length > alarms, `${all.split(' ').length} entries`)
  t.equal(screens.filter(({ ids }) => numbers(ids, from) !== all).length, 0, 'nobody has a gap')
  t.equal(
    screens.filter(({ ids }) => ids.some((id, i) => i > 0 && seq(id) < seq(ids[i - 1] ?? ''))).length,
    0,
    'nothing comes out of order'
  )
  t.ok(
    screens.every(({ snapshots }) => snapshots === 1),
    'coming back needs no second snapshot'
  )
  const times = JSON.stringify(stayed[0]?.times)
  t.equal(stayed.filter(one => JSON.stringify(one.times) !== times).length, 0, 'those who stayed heard each message once')
})
