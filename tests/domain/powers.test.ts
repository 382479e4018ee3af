import t from 'tap'
import { laws } from '../../edge/domain/laws.ts'
import { type Power, powerOf, powers, sayPower, whoMay } from '../../edge/domain/powers.ts'
import { type Agency, agencies, locales } from '../../edge/domain/vocabulary.ts'

t.test('every power and every law stands in both languages, and no quotation passes as verified', async t => {
  for (const { law, limit, verified, powers: of } of laws) {
    t.equal(verified, false)
    for (const power of of) t.ok(Object.hasOwn(powers, power), power)
    for (const text of [law, ...(limit === undefined ? [] : [limit])]) {
      t.match(text['zh-CN'], /\p{Script=Han}/u)
      t.notMatch(text.en, /\p{Script=Han}/u)
    }
  }
  for (const power of Object.keys(powers) as Power[])
    for (const locale of locales) t.ok(powers[power][locale].trim(), `${power} in ${locale}`)
})

t.test('no power is without somebody who has it', async t => {
  for (const power of Object.keys(powers) as Power[]) t.ok(whoMay(power).length > 0, power)
})

t.test('grid workers, volunteers, guards and mediators compel nobody', async t => {
  const gentle: readonly Power[] = ['check_entry', 'security_check', 'first_aid', 'mediate', 'ask_to_stop', 'hold_offender']
  for (const agency of ['grid', 'volunteer', 'guard', 'property', 'judicial', 'medical'] as const)
    for (const power of Object.keys(powers) as Power[])
      if (powerOf(agency, power).may) t.ok(gentle.includes(power), `${agency} would ${power}`)
})

t.test('only the police touch the freedom of a person', async t => {
  for (const power of ['question', 'remove_person', 'control_scene'] as const)
    for (const agency of whoMay(power)) t.ok(['police', 'traffic_police'].includes(agency), `${agency} would ${power}`)
})

t.test('a power is named with its law, or refused with who has it, in the language of the reader', async t => {
  t.equal(
    sayPower('guard', 'question', 'zh-CN'),
    '保安不得当场盘问、检查：《保安服务管理条例》第三十条第一项：不得限制他人人身自由、搜查他人身体（引文待核对）；请找公安、交警'
  )
  t.match(
    sayPower('police', 'control_scene', 'en'),
    /^police may: control of the scene, by People’s Police Law, Art. 17; on condition: .*verified\)$/
  )
  t.match(sayPower('city_management', 'hold_tools', 'zh-CN'), /须有法律、行政法规或者地方性法规的明文授权；.*规章，本身不能设定扣押/)
  t.equal(sayPower('maintenance', 'cut_supplies', 'en'), 'maintenance may not: cut power and gas at a fire; ask fire')
  for (const agency of Object.keys(agencies) as Agency[])
    for (const power of Object.keys(powers) as Power[]) t.notMatch(sayPower(agency, power, 'en'), /\p{Script=Han}|undefined/u)
})

t.test('everybody may give first aid and hand over who is caught in the act', async t => {
  for (const agency of Object.keys(agencies) as Agency[]) {
    t.ok(powerOf(agency, 'first_aid').may, agency)
    t.ok(powerOf(agency, 'hold_offender').may, agency)
  }
})
