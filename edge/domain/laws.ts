/**
 * The laws behind the powers, quoted from memory and not verified by a lawyer. Articles are those we know after their latest
 * revision; where we were not sure of a number, none is given. Local regulations are not here: a city adds its own.
 */
import type { Law } from './powers.ts'
import type { Label } from './vocabulary.ts'

const label = (zh: string, en: string): Label => ({ 'zh-CN': zh, en })
const may = (agencies: Law['agencies'], powers: Law['powers'], law: Label, limit?: Label): Law => ({
  agencies,
  powers,
  may: true,
  law,
  ...(limit !== undefined && { limit }),
  verified: false
})
const mayNot = (agencies: Law['agencies'], powers: Law['powers'], law: Label): Law => ({
  agencies,
  powers,
  may: false,
  law,
  verified: false
})

export const laws: readonly Law[] = [
  may(
    ['police', 'traffic_police'],
    ['question'],
    label('《人民警察法》第九条', 'People’s Police Law, Art. 9'),
    label('有违法犯罪嫌疑的人员，经出示相应证件', 'people suspected of an offence, after showing the police credential')
  ),
  may(
    ['police', 'traffic_police'],
    ['remove_person'],
    label('《人民警察法》第八条', 'People’s Police Law, Art. 8'),
    label('严重危害社会治安秩序或者威胁公共安全的人员', 'people who gravely endanger public order or threaten public safety')
  ),
  may(
    ['police'],
    ['restrict_passage'],
    label('《人民警察法》第十五条', 'People’s Police Law, Art. 15'),
    label('县级以上公安机关决定的区域和时间', 'in an area and for a time that a county-level (or higher) public security organ has set')
  ),
  may(
    ['police'],
    ['control_scene'],
    label('《人民警察法》第十七条', 'People’s Police Law, Art. 17'),
    label(
      '严重危害社会治安秩序的突发事件，县级以上公安机关经上级公安机关和同级人民政府批准；民警不能自行决定',
      'sudden events that gravely endanger public order, approved by the superior organ and the government of the same level; no officer decides it alone'
    )
  ),
  may(
    ['traffic_police'],
    ['control_traffic'],
    label('《道路交通安全法》第三十九条', 'Road Traffic Safety Law, Art. 39'),
    label('道路上；站内通道不是道路', 'on roads; passages inside a station are not roads')
  ),
  may(
    ['fire'],
    ['fire_cordon', 'cut_supplies'],
    label('《消防法》第四十五条', 'Fire Protection Law, Art. 45'),
    label(
      '火灾现场总指挥根据扑救火灾的需要决定；微型消防站没有此权',
      'as decided by the commander of the fire scene; a micro fire station does not have it'
    )
  ),
  may(
    ['fire'],
    ['seal_premises'],
    label('《消防法》第五十四条', 'Fire Protection Law, Art. 54'),
    label(
      '消防救援机构，火灾隐患不及时消除可能严重威胁公共安全的危险部位或者场所，临时查封',
      'the fire and rescue authority, for a time, where a fire hazard left as it is may gravely threaten public safety'
    )
  ),
  may(
    ['fire'],
    ['order_stop'],
    label('《消防法》第五十八条', 'Fire Protection Law, Art. 58'),
    label('消防救援机构，依法定情形和程序', 'the fire and rescue authority, in the cases and by the procedure of the law')
  ),
  may(
    ['fire'],
    ['inspect'],
    label('《消防法》第五十三条', 'Fire Protection Law, Art. 53'),
    label('消防救援机构的监督检查，出示证件', 'supervision by the fire and rescue authority, showing the credential')
  ),
  may(
    ['market_regulation'],
    ['inspect', 'seal_premises', 'seize_goods'],
    label('《食品安全法》第一百一十条', 'Food Safety Law, Art. 110'),
    label(
      '有证据证明不符合食品安全标准或者存在安全隐患的食品、违法经营场所；其他产品依《产品质量法》第十八条',
      'food shown to breach safety standards or to be a hazard, and premises of unlawful trade; other products by Art. 18 of the Product Quality Law'
    )
  ),
  may(
    ['city_management'],
    ['take_evidence'],
    label('《城市管理执法办法》（住房城乡建设部令第34号）', 'Measures for Urban Management Enforcement (MOHURD Order 34)'),
    label('法定执法事项范围内，出示执法证件', 'within the matters assigned by law, showing the enforcement credential')
  ),
  may(
    ['city_management'],
    ['hold_tools', 'seize_goods'],
    label(
      '《行政强制法》第十条、第十七条，以及授权的法律、法规',
      'Administrative Compulsion Law, Arts. 10 and 17, and the law or regulation that grants it'
    ),
    label(
      '须有法律、行政法规或者地方性法规的明文授权；《城市管理执法办法》是规章，本身不能设定扣押；须两名以上执法人员、出具清单、妥善保管',
      'a law, an administrative or a local regulation grants it by name; the Measures are a ministry rule and cannot create a seizure; two or more officers, a written list, safe keeping'
    )
  ),
  may(
    ['guard'],
    ['check_entry', 'security_check'],
    label('《保安服务管理条例》第二十九条', 'Regulations on Security Services, Art. 29'),
    label(
      '服务区域内；安全检查限于机场、车站、码头等公共场所',
      'inside the served area; security checks at airports, stations, piers and the like'
    )
  ),
  mayNot(
    ['guard'],
    ['remove_person', 'question'],
    label(
      '《保安服务管理条例》第三十条第一项：不得限制他人人身自由、搜查他人身体',
      'Regulations on Security Services, Art. 30(1): no restraining and no searching of people'
    )
  ),
  mayNot(
    ['guard'],
    ['seize_goods', 'hold_tools'],
    label(
      '《保安服务管理条例》第三十条第二项：不得扣押、没收他人证件、财物',
      'Regulations on Security Services, Art. 30(2): no seizing of papers or property'
    )
  ),
  mayNot(
    ['city_management', 'market_regulation', 'transport', 'culture_tourism', 'operator', 'property', 'grid', 'volunteer'],
    ['remove_person', 'question'],
    label(
      '《行政处罚法》第十八条、《行政强制法》第十条：限制人身自由只能由公安机关和法律规定的其他机关实施',
      'Administrative Penalty Law, Art. 18, and Administrative Compulsion Law, Art. 10: only public security and organs named by a law may restrict personal freedom'
    )
  ),
  may(
    ['operator'],
    ['limit_entry', 'security_check'],
    label(
      '《城市轨道交通运营管理规定》（交通运输部令2018年第8号）',
      'Provisions on the Operation of Urban Rail Transit (MOT Order 8 of 2018)'
    ),
    label('城市轨道交通；其他场所依其行业规定', 'urban rail; other places by the rules of their trade')
  ),
  may(
    ['culture_tourism'],
    ['limit_entry'],
    label('《旅游法》第四十五条', 'Tourism Law, Art. 45'),
    label('景区，游客可能达到最大承载量时', 'scenic areas, when visitors may reach the greatest carrying capacity')
  ),
  may(
    ['property'],
    ['ask_to_stop'],
    label('《民法典》第九百四十二条', 'Civil Code, Art. 942'),
    label(
      '物业服务区域内，制止、报告、协助处理，没有强制权',
      'inside the served area: to dissuade, report and assist, without any compulsion'
    )
  ),
  may(
    ['judicial'],
    ['mediate'],
    label('《人民调解法》第三条', 'People’s Mediation Law, Art. 3'),
    label('当事人自愿；不得阻止其依法走其他途径', 'of free will; no party is kept from other lawful ways')
  ),
  may(
    ['police'],
    ['mediate'],
    label('《治安管理处罚法》关于调解处理的规定', 'Public Security Administration Punishments Law, on mediation'),
    label('民间纠纷引起的情节较轻的打架斗殴、损毁财物', 'minor fights and damage that come of a private dispute')
  ),
  may(
    ['medical'],
    ['first_aid'],
    label('《医师法》第二十七条', 'Law on Physicians, Art. 27'),
    label('依执业资质；对人没有强制权', 'by their licence; without any compulsion over people')
  ),
  may(
    'everyone',
    ['first_aid'],
    label('《民法典》第一百八十四条（紧急救助）', 'Civil Code, Art. 184 (help in an emergency)'),
    label('自愿的紧急救助', 'help given of free will in an emergency')
  ),
  may('everyone', ['ask_to_stop'], label('不需要职权：劝阻和引导不含强制', 'no power needed: asking and guiding use no compulsion')),
  may(
    'everyone',
    ['hold_offender'],
    label('《刑事诉讼法》第八十四条', 'Criminal Procedure Law, Art. 84'),
    label(
      '正在实行犯罪或者犯罪后即时被发觉的，立即送交公安机关',
      'somebody caught in or right after a crime, handed over to the police at once'
    )
  )
]
