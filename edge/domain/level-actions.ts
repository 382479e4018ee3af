/**
 * What each level asks for, by what people do in the zone: the card that stands beside a level on the board.
 * A station may write its own in station.yaml (`actions:`); the sources say where ours come from.
 */
import { type Label, type Severity, type Use, uses } from './vocabulary.ts'

export type Action = { readonly do: Label; readonly source: string }
/** A use of a zone, or a site that is counted at its gates. */
export type Place = Use | 'capacity'
export const places: Readonly<Record<Place, Label>> = { ...uses, capacity: { 'zh-CN': '承载量', en: 'capacity of a site' } }

const action = (source: string, zh: string, en: string): Action => ({ do: { 'zh-CN': zh, en }, source })
/** The criticality levels of crowds, EPJ Data Science 1:7 (2012), table 6. */
const critical = (level: 0 | 1 | 2 | 3, zh: string, en: string): Action => action(`Helbing & Mukerji 2012, ${level}`, zh, en)
const site = (zh: string, en: string): Action => action('LB/T 034-2014', zh, en)

const look = critical(0, '保持通行，每 10 分钟核实一次密度和走向', 'Keep people moving; check density and direction every 10 minutes')

export const levelActions: Readonly<Record<Use, Readonly<Record<Severity, Action>>>> = {
  walkway: {
    blue: look,
    yellow: critical(
      1,
      '查明减速原因，减少进入，设单向通行，力量前移',
      'Find out why it slows, let fewer in, make it one-way, move units there'
    ),
    orange: critical(2, '停止进入，广播引导绕行，清除障碍', 'Let nobody in, announce the way round, clear obstacles'),
    red: critical(
      3,
      '泄压：打开应急通道，从外围疏散，严禁逆行和推挤',
      'Relieve pressure: open emergency routes, clear from the outside, no counter-flow'
    )
  },
  stairs: {
    blue: critical(0, '上下分行，每 5 分钟核实一次', 'Keep up and down apart; check every 5 minutes'),
    yellow: critical(1, '两端派人，改单向通行，控制上口进入', 'Put people at both ends, make it one-way, hold the entry above'),
    orange: critical(2, '停用扶梯，上口停止进入，下口清空 10 米', 'Stop the escalators, close the entry above, clear 10 m below'),
    red: critical(
      3,
      '上下口全部停止进入，下口先疏散，任何人不得从上方推进',
      'Nobody enters at either end; clear the lower end first; nobody pushes from above'
    )
  },
  platform: {
    blue: critical(0, '核实列车间隔，引导向车头车尾分散', 'Check the headway; spread people along the platform'),
    yellow: critical(1, '通道限流：减少进站闸机，广播候车位置', 'Slow the way in: fewer gates, announce where to wait'),
    orange: critical(2, '站厅限流：停止下站台，请求加车或越站', 'Hold people in the hall; ask for an extra train or for trains to pass'),
    red: critical(
      3,
      '站外限流并疏散站台，列车越站，扶梯反向上行',
      'Hold people outside, clear the platform, trains pass, escalators run up'
    )
  },
  queue: {
    blue: critical(0, '核实排队长度和等候时间', 'Check the length of the queue and the wait'),
    yellow: critical(1, '增开通道，拉开蛇形栏，公布等候时间', 'Open more lanes, widen the barriers, tell people the wait'),
    orange: critical(2, '队尾停止加入，分批放行，与队伍喊话', 'Close the tail, let people on in batches, talk to the queue'),
    red: critical(
      3,
      '拆除栏杆泄压，从队尾向外疏散，停止前端放行造成的前冲',
      'Open the barriers, clear outwards from the tail, stop the surge to the front'
    )
  },
  waiting: {
    blue: critical(0, '引导分散到空余区域', 'Spread people to where there is room'),
    yellow: critical(1, '限制进入，说明等候原因，力量前移', 'Let fewer in, say why they wait, move units there'),
    orange: critical(2, '停止进入，分区隔离，提前放行或改道', 'Let nobody in, divide the area, let people on early or elsewhere'),
    red: critical(3, '全部出口打开，由外向内逐区疏散，医疗就位', 'Open every exit, clear area by area from the outside, medics in place')
  },
  viewing: {
    blue: critical(0, '核实观景点前后密度，留出疏散通道', 'Check the density at the front and the back; keep the lanes open'),
    yellow: critical(1, '限制进入，引导到备用观景点', 'Let fewer in, lead people to another place to watch'),
    orange: critical(2, '停止进入，广播请后排后退，暂缓下一个节目', 'Let nobody in, ask the back rows to step back, hold the next act'),
    red: critical(
      3,
      '暂停活动，打开围栏，从后排和两侧疏散，医疗就位',
      'Stop the event, open the fences, clear from the back and the sides, medics in place'
    )
  }
}

export const capacityActions: Readonly<Record<Severity, Action>> = {
  blue: site('公布实时在园人数', 'Publish how many are inside'),
  yellow: site(
    '80%：停止售票，公告并上报当地政府，启动预案，外围分流',
    '80 %: stop selling tickets, announce and report, start the plan, divert outside'
  ),
  orange: site(
    '90%：暂停入园，单向通行，劝返途中游客，增派警力',
    '90 %: let nobody in for now, one-way inside, turn visitors back on the way, more police'
  ),
  red: site(
    '100%：只出不进，分区疏导，医疗和志愿者就位，市级发布',
    '100 %: out only, lead people out area by area, medics and volunteers in place, the city tells the public'
  )
}

/** A station's own words for a level. */
export type OwnAction = {
  readonly for: Place
  readonly level: Severity
  readonly zones: readonly string[]
  readonly do: Label
  readonly source: string
}

/** What is asked for; the station's own words for this very zone come first, then its words for every zone of that use. */
export const actionFor = (own: readonly OwnAction[], zone: string, place: Place, level: Severity): Action => {
  const fitting = own.filter(one => one.for === place && one.level === level)
  return (
    fitting.find(({ zones }) => zones.includes(zone)) ??
    fitting.find(({ zones }) => zones.length === 0) ??
    (place === 'capacity' ? capacityActions : levelActions[place])[level]
  )
}
