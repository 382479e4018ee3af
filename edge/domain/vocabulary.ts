/**
 * Every word the station, the cloud and the dashboards share, each with its Chinese and English name.
 * A new word is a deliberate edit here, because rules, screens, time series and translations hang on it.
 */
export type Locale = 'zh-CN' | 'en'
export const locales: readonly Locale[] = ['zh-CN', 'en']
export type Label = Readonly<Record<Locale, string>>

export const label = (zh: string, en: string): Label => ({ 'zh-CN': zh, en })
/** Names one after another, parted as each language parts them. */
export const listed = (names: readonly string[], locale: Locale): string => names.join(locale === 'en' ? ', ' : '、')

/**
 * What can be believed of a quantity, in the four ways of the QARTOD manuals (gross range, rate of change, flat line, and for
 * flags chattering after ISA-18.2). The figures are ours: rooms that may burn, and things that are read by hand, change faster
 * than the weather for which WMO asks for a new look at 3 °C or 10 % a minute. What warns of a danger has no fastest change.
 */
type Believable = {
  /** Faster than this no such sensor can follow the world: the first such value waits for a second one that agrees. */
  readonly fastest_per_s?: number
  /** It always varies a little: the same value for so long is a sensor that no longer measures. */
  readonly stuck_after_s?: number
  /** Where it may stay for ever: nobody is there, it is dark. */
  readonly resting?: number
  /** What a room nearly always has; beside it and steady, the unit may be another than we were told. */
  readonly usual?: readonly [low: number, high: number]
  /** A state of things that does not come and go several times a minute, unless a contact is loose. */
  readonly chatters?: true
}
/** `urgent`: a person may have to act within a second, so it is committed at once instead of with the next block. */
type QuantityWords = Believable & {
  readonly label: Label
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly urgent?: true
}

const measure = (zh: string, en: string, unit: string, min: number, max: number, more: Believable = {}): QuantityWords => ({
  label: label(zh, en),
  unit,
  min,
  max,
  ...more
})
const urgent = (zh: string, en: string, more: Believable = {}): QuantityWords => ({
  label: label(zh, en),
  unit: '',
  min: 0,
  max: 1,
  urgent: true,
  ...more
})
const flag = (zh: string, en: string, more: Believable = {}): QuantityWords => ({ label: label(zh, en), unit: '', min: 0, max: 1, ...more })
/** A loose contact of these is maintenance; a door and a passer-by come and go as they like. */
const state = { chatters: true } as const
const half_day_s = 12 * 3600

/** `min` and `max` are what the world can do, not what is normal: a value outside is `suspect`. Flags are 0 or 1. */
export const quantities = {
  people_count: measure('人数', 'people', 'persons', 0, 100_000),
  density_per_m2: measure('人群密度', 'crowd density', 'p/m²', 0, 20),
  flow_per_min: measure('人流量', 'flow', 'p/min', -10_000, 10_000),
  people_entered_total: measure('累计进入人数', 'people entered in all', 'persons', 0, 1e9),
  people_left_total: measure('累计离开人数', 'people left in all', 'persons', 0, 1e9),
  people_entered: measure('新进入人数', 'people just entered', 'persons', 0, 10_000),
  people_left: measure('新离开人数', 'people just left', 'persons', 0, 10_000),
  flow_in_per_min: measure('进入人流', 'flow in', 'p/min', 0, 10_000),
  flow_out_per_min: measure('离开人流', 'flow out', 'p/min', 0, 10_000),
  speed_m_per_s: measure('行进速度', 'walking speed', 'm/s', 0, 12),
  speed_px_per_s: measure('画面中的速度', 'speed in the picture', 'px/s', 0, 10_000),
  direction_degrees: measure('行进方向', 'direction of walking', '°', 0, 360),
  crowd_pressure_per_s2: measure('人群压力', 'crowd pressure', '1/s²', 0, 100),
  motion_level: measure('人群运动等级', 'crowd motion level', '', 0, 4),
  anomaly_score: measure('异常分', 'anomaly score', '', 0, 1_000),
  temperature_celsius: measure('温度', 'temperature', '°C', -60, 1_000, { fastest_per_s: 5, stuck_after_s: half_day_s, usual: [-40, 50] }),
  device_temperature_celsius: measure('设备内部温度', 'temperature inside the device', '°C', -60, 1_000, { fastest_per_s: 5 }),
  humidity_percent: measure('湿度', 'humidity', '%', 0, 100, { fastest_per_s: 10, stuck_after_s: half_day_s, usual: [5, 100] }),
  pressure_hpa: measure('气压', 'air pressure', 'hPa', 300, 1_200, { fastest_per_s: 2, stuck_after_s: 2 * half_day_s }),
  illuminance_lux: measure('照度', 'illuminance', 'lx', 0, 200_000, { stuck_after_s: half_day_s, resting: 0 }),
  co2_ppm: measure('二氧化碳', 'carbon dioxide', 'ppm', 0, 100_000, { fastest_per_s: 2_000, stuck_after_s: half_day_s }),
  carbon_monoxide_ppm: measure('一氧化碳浓度', 'carbon monoxide', 'ppm', 0, 10_000),
  pm25_ug_per_m3: measure('细颗粒物', 'fine dust PM2.5', 'µg/m³', 0, 10_000),
  sound_db: measure('声级', 'sound level', 'dB', 0, 200, { stuck_after_s: 3600 }),
  smoke_obscuration_percent: measure('烟雾遮光率', 'smoke obscuration', '%/m', 0, 100),
  gas_lel_percent: measure('可燃气体', 'flammable gas', '%LEL', 0, 100),
  power_watts: measure('功率', 'power', 'W', -1_000_000, 1_000_000),
  energy_kwh: measure('电能', 'energy', 'kWh', 0, 1e9),
  voltage_volts: measure('电压', 'voltage', 'V', 0, 1_000),
  current_amperes: measure('电流', 'current', 'A', -10_000, 10_000),
  battery_percent: measure('电量', 'battery', '%', 0, 100),
  link_quality: measure('链路质量', 'link quality', '', 0, 255),
  signal_dbm: measure('信号强度', 'signal strength', 'dBm', -150, 20),
  smoke_alarm: urgent('烟雾报警', 'smoke alarm', state),
  gas_alarm: urgent('燃气报警', 'gas alarm', state),
  carbon_monoxide_alarm: urgent('一氧化碳报警', 'carbon monoxide alarm', state),
  water_leak: urgent('漏水', 'water leak', state),
  button_pressed: urgent('按钮按下', 'button pressed'),
  mains_lost: urgent('市电中断', 'mains power lost'),
  path_check: urgent('链路自检', 'path check'),
  vibration: flag('震动', 'vibration'),
  occupancy: flag('有人', 'occupancy'),
  contact_open: flag('门窗打开', 'door or window open'),
  switch_on: flag('开关', 'switch'),
  tamper: flag('防拆', 'tamper', state),
  battery_low: flag('电量低', 'battery low', state),
  firmware_offered: flag('有新固件', 'newer firmware on offer'),
  trouble: flag('设备自报异常', 'trouble the device reports')
} as const satisfies Record<string, QuantityWords>
export type Quantity = keyof typeof quantities
export const isQuantity = (word: string): word is Quantity => Object.hasOwn(quantities, word)
export const believable = (quantity: Quantity): QuantityWords => quantities[quantity]

/** Why a reading is not simply believed. The first four are about its value, the rest about its time or its company. */
export const doubts = {
  implausible_value: label('数值不可能', 'impossible value'),
  jump: label('突变过快', 'changed too fast'),
  stuck: label('长时间不变', 'has not changed for too long'),
  unit_mistake: label('单位可能有误', 'perhaps in another unit'),
  out_of_order: label('晚于后来的读数到达', 'older than what was said since'),
  late: label('迟到的读数', 'heard late'),
  flapping: label('反复跳变', 'flapping'),
  device_clock: label('设备时钟不准', 'the device’s clock is wrong')
} as const
export type Doubt = keyof typeof doubts

/** What a zone is watched for; which quantity tells of which is in domain/coverage.ts. */
export const hazards = {
  smoke: label('烟雾', 'smoke'),
  gas: label('燃气', 'gas'),
  heat: label('高温', 'heat'),
  crowd: label('人群', 'crowds'),
  water: label('漏水', 'water'),
  intrusion: label('闯入', 'intrusion'),
  help: label('一键报警', 'calls for help')
} as const
export type Hazard = keyof typeof hazards
export const isHazard = (word: string): word is Hazard => Object.hasOwn(hazards, word)

/** Why one that watches does not, or not surely; of a camera its state says it. */
export const lost = {
  silent: label('没有消息', 'is silent'),
  offline: label('离线', 'is offline'),
  removed: label('已移除', 'was removed'),
  revoked: label('凭证已吊销', 'had its credential revoked'),
  trouble: label('自报异常', 'reports trouble'),
  works: label('检修中', 'is under works'),
  implausible_value: label('读数不可能', 'says what cannot be'),
  stuck: label('读数长时间不变', 'is stuck'),
  flapping: label('反复跳变', 'flaps')
} as const
export type Lost = keyof typeof lost

export const coverageStates = {
  covered: label('有监测', 'covered'),
  thin: label('监测减弱', 'less sure'),
  blind: label('失守', 'blind')
} as const

/** China's four colours over green. `unknown` is never shown as green, and never as 0 people. */
export const levels = {
  green: label('正常', 'normal'),
  blue: label('蓝色 IV级', 'blue IV'),
  yellow: label('黄色 III级', 'yellow III'),
  orange: label('橙色 II级', 'orange II'),
  red: label('红色 I级', 'red I'),
  unknown: label('未知', 'unknown')
} as const
export type Level = keyof typeof levels
/** How critical a crowd's movement is, after Helbing & Mukerji; what makes each is in domain/crowd-motion.ts. */
export const motionLevels = [
  label('自由行进', 'moving freely'),
  label('缓行', 'slow'),
  label('停滞', 'standing'),
  label('走走停停', 'stop-and-go'),
  label('湍动', 'turbulent')
] as const
/** How bad: the four colours, in rising order. CAP severity is Minor, Moderate, Severe, Extreme. */
export const severities = ['blue', 'yellow', 'orange', 'red'] as const
export type Severity = (typeof severities)[number]
export const capSeverity = { blue: 'Minor', yellow: 'Moderate', orange: 'Severe', red: 'Extreme' } as const
export const isSeverity = (level: Level): level is Severity => (severities as readonly Level[]).includes(level)
export const rank = (level: Level): number => (['unknown', 'green', ...severities] as const).indexOf(level) - 1
export const worse = (a: Severity, b: Severity): Severity => (rank(a) >= rank(b) ? a : b)

/** Units as a sentence says them; what is not here stands as it is. */
export const measures = {
  persons: label('人', 'people'),
  'p/min': label('人/分', 'p/min'),
  'p/m²': label('人/m²', 'p/m²')
} as const

/** When it is, as people say it; the hour at which each begins. */
export const dayparts = {
  small_hours: label('凌晨', 'in the small hours'),
  morning: label('早晨', 'in the morning'),
  forenoon: label('上午', 'before noon'),
  afternoon: label('下午', 'in the afternoon'),
  evening: label('傍晚', 'in the evening'),
  night: label('夜间', 'at night')
} as const
export type Daypart = keyof typeof dayparts
export const weekdayNames = {
  sun: label('周日', 'Sunday'),
  mon: label('周一', 'Monday'),
  tue: label('周二', 'Tuesday'),
  wed: label('周三', 'Wednesday'),
  thu: label('周四', 'Thursday'),
  fri: label('周五', 'Friday'),
  sat: label('周六', 'Saturday')
} as const

export const uses = {
  queue: label('排队区', 'queue'),
  walkway: label('通道', 'walkway'),
  stairs: label('楼梯', 'stairs'),
  platform: label('站台', 'platform'),
  viewing: label('观景区', 'viewing area'),
  waiting: label('候车区', 'waiting area')
} as const
export type Use = keyof typeof uses

export const agencies = {
  police: label('公安', 'police'),
  traffic_police: label('交警', 'traffic police'),
  city_management: label('城管', 'city management'),
  market_regulation: label('市场监管', 'market regulation'),
  transport: label('交通运输', 'transport'),
  operator: label('运营单位', 'site operator'),
  fire: label('消防', 'fire'),
  medical: label('医疗急救', 'medics'),
  judicial: label('司法调解', 'judicial mediation'),
  grid: label('网格员', 'grid workers'),
  property: label('物业', 'property management'),
  guard: label('保安', 'guards'),
  volunteer: label('志愿者', 'volunteers'),
  culture_tourism: label('文旅', 'culture and tourism'),
  utilities: label('水电燃气', 'utilities'),
  maintenance: label('运维', 'maintenance'),
  neighbour: label('邻近警务室', 'neighbouring station'),
  city: label('市级指挥中心', 'city command centre')
} as const
export type Agency = keyof typeof agencies
export const isAgency = (word: string): word is Agency => Object.hasOwn(agencies, word)

export const incidentKinds = {
  crowd: label('人群聚集', 'crowding'),
  fire: label('火情', 'fire'),
  gas: label('燃气泄漏', 'gas leak'),
  panic: label('一键报警', 'panic button'),
  fight: label('打架滋事', 'fight'),
  collapse: label('有人倒地', 'person collapsed'),
  water: label('漏水', 'water leak'),
  heat: label('高温', 'heat'),
  capacity: label('接近承载量', 'site near its capacity'),
  device: label('设备失联', 'device silent'),
  camera: label('摄像头失效', 'camera blind'),
  blind: label('监测失守', 'zone blind'),
  lost_child: label('走失儿童', 'lost child'),
  dispute: label('纠纷', 'dispute'),
  outage: label('共因故障', 'common failure'),
  cover: label('在岗不足', 'too few on duty'),
  help: label('邻站求援', 'call for help'),
  path: label('链路自检', 'path check'),
  odd: label('异常动向', 'out of the ordinary'),
  other: label('其他警情', 'other')
} as const
export type IncidentKind = keyof typeof incidentKinds
export const isIncidentKind = (word: string): word is IncidentKind => Object.hasOwn(incidentKinds, word)

export const roles = {
  duty_commander: label('值班指挥长', 'duty commander'),
  officer: label('执勤人员', 'officer'),
  installer: label('安装维护员', 'installer'),
  engineer: label('工程师', 'engineer'),
  auditor: label('审计员', 'auditor'),
  city_operator: label('市级值守员', 'city operator')
} as const
export type Role = keyof typeof roles

/** What somebody has learned and shown, whatever agency they belong to. */
export const qualifications = {
  first_aid: label('急救', 'first aid'),
  fire_warden: label('消防', 'fire warden'),
  crowd_steward: label('人群疏导', 'crowd steward'),
  mediation: label('调解', 'mediation'),
  de_escalation: label('冲突缓解', 'de-escalation'),
  drone: label('无人机驾驶', 'drone pilot')
} as const
export type Qualification = keyof typeof qualifications

export const responseStatuses = {
  asked: label('待签收', 'asked'),
  shown: label('已送达', 'shown'),
  heard: label('已听到', 'heard'),
  acknowledged: label('已签收', 'acknowledged'),
  en_route: label('赶赴中', 'en route'),
  on_scene: label('已到场', 'on scene'),
  done: label('处置完成', 'done'),
  declined: label('无法前往', 'declined')
} as const
export type ResponseStatus = keyof typeof responseStatuses

/** From report to closure: derived from who has done what. */
export const stages = {
  reported: label('接报', 'reported'),
  dispatched: label('已派警', 'dispatched'),
  answered: label('已签收', 'answered'),
  under_way: label('赶赴中', 'under way'),
  on_scene: label('处置中', 'on scene'),
  handled: label('处置完成', 'handled'),
  cleared: label('已解除', 'all clear'),
  closed: label('已结案', 'closed')
} as const
export type Stage = keyof typeof stages

export const cameraStates = {
  starting: label('启动中', 'starting'),
  live: label('正常', 'live'),
  stalled: label('画面停滞', 'stalled'),
  covered: label('被遮挡', 'covered'),
  frozen: label('画面冻结', 'frozen'),
  moved: label('被移动', 'moved'),
  dead: label('无信号', 'dead'),
  refused: label('算力不足未接入', 'refused: too much for this machine')
} as const
export type CameraState = keyof typeof cameraStates

/** How a device proves who it is. */
export const credentials = {
  password: label('密码', 'password'),
  certificate: label('证书', 'certificate'),
  both: label('密码加证书', 'password and certificate'),
  bridge: label('经网桥', 'through a bridge'),
  file: label('文件中的密码', 'password in a file'),
  revoked: label('已吊销', 'revoked')
} as const

export const outcomes = {
  resolved: label('已处置', 'resolved'),
  false_alarm: label('误报', 'false alarm'),
  handed_over: label('已移交', 'handed over'),
  duplicate: label('重复', 'duplicate'),
  exercise: label('演练结束', 'exercise over')
} as const
export type Outcome = keyof typeof outcomes
export const isOutcome = (word: string): word is Outcome => Object.hasOwn(outcomes, word)

/** Measurements of the time series, with their tags and fields. Dashboards may use no other name (a test looks). */
export const measurements = {
  reading: { tags: ['station', 'zone', 'device', 'quantity'], fields: ['value'] },
  zone: { tags: ['station', 'zone', 'use'], fields: ['people_count', 'density_per_m2', 'density_error_per_m2', 'level'] },
  expected: { tags: ['station', 'zone', 'device', 'quantity'], fields: ['value', 'usual', 'low', 'high', 'score'] },
  forecast: { tags: ['station', 'zone', 'use'], fields: ['red_within_5_min', 'red_within_10_min', 'red_within_15_min'] },
  alert: { tags: ['station', 'zone', 'rule', 'severity'], fields: ['state'] },
  response: { tags: ['station', 'agency', 'kind'], fields: ['acknowledge_seconds', 'on_scene_seconds'] },
  hub: {
    tags: ['station'],
    fields: [
      'readings_total',
      'unreadable_total',
      'quarantined_total',
      'unpersisted',
      'backlog_records',
      'behind_seconds',
      'loop_lag_ms',
      'rss_bytes',
      'cameras_live'
    ]
  }
} as const
export type Measurement = keyof typeof measurements
