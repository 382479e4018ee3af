import t from 'tap'
import type { Event, EventType } from '../../edge/domain/event.ts'
import { emptyTally } from '../../edge/domain/forecast-record.ts'
import type { Incident } from '../../edge/domain/incident.ts'
import { type Names, tellers, timelineOf } from '../../edge/domain/timeline.ts'
import type { See, Telling } from '../../edge/domain/timeline-telling.ts'
import { categories, lines, occasions, parts, receiptWords } from '../../edge/domain/timeline-words.ts'
import { locales } from '../../edge/domain/vocabulary.ts'

const at = Date.UTC(2026, 10, 24, 8)
const of = { id: 'i-1', at } as const
const alert = { id: 'a-1', at } as const
const because = { say: 'density_above', with: { value: 4.24, level: 'red', limit: 4, seconds: 5 } } as const
const ask = [{ unit: 'patrol-1', agency: 'police' }] as const
const ladder = { enough: 'each_agency', rungs: [{ ask: 'on_duty', within_s: 60 }] } as const
const opened = {
  ...of,
  type: 'incident_opened',
  kind: 'crowd',
  zone: 'platform-1',
  severity: 'red',
  because,
  sop: 'crowd',
  needs: ['police', 'medical'],
  ladder,
  ask,
  drill: false
} as const
const state: Incident = {
  ...opened,
  highest: 'red',
  phase: 'open',
  opened_at: at,
  alerts: [],
  level: 0,
  unanswered: false,
  responses: { 'patrol-1': { unit: 'patrol-1', agency: 'police', status: 'asked', level: 0, asked_at: at } },
  notes: [],
  all_clear: []
}
const page = { id: 'p-1', at, incident: 'i-1' } as const
const duty = { id: 'd-1', at, unit: 'patrol-1', from: at, until: at + 1000, by: 'li', reason: '病假' } as const
const zoned = { id: 'platform-1', at } as const
const hand = { id: 'h-1', at } as const

const tuning = { id: 'threshold:t-7:temperature_celsius', at, by: 'li' } as const

/** One of each, with everything that it may carry. A new type of event does not compile until it stands here. */
const one: { readonly [Type in EventType]: Extract<Event, { type: Type }> } = {
  alert_raised: { ...alert, type: 'alert_raised', key: 'k', rule: 'r', kind: 'fire', zone: 'platform-1', severity: 'red', because },
  alert_changed: { ...alert, type: 'alert_changed', severity: 'orange', because, episode: 2 },
  alert_cleared: { ...alert, type: 'alert_cleared', because },
  alert_acknowledged: { ...alert, type: 'alert_acknowledged', by: 'wang', episodes: [1, 2] },
  alert_confirmed: { ...alert, type: 'alert_confirmed', by: 'wang' },
  alert_reset: { ...alert, type: 'alert_reset', by: 'wang' },
  alert_shelved: { ...alert, type: 'alert_shelved', by: 'wang', until: at, reason: '检修', mode: 'timed' },
  alert_unshelved: { ...alert, type: 'alert_unshelved', by: 'wang' },
  alert_suppressed: { ...alert, type: 'alert_suppressed', cause: 'a-0' },
  alert_unsuppressed: { ...alert, type: 'alert_unsuppressed' },
  alert_out_of_service: { ...alert, type: 'alert_out_of_service', window: 'w-1', until: at },
  alert_in_service: { ...alert, type: 'alert_in_service' },
  alert_realarmed: { ...alert, type: 'alert_realarmed' },
  alert_flapping: { ...alert, type: 'alert_flapping', changes: 12 },
  alert_steady: { ...alert, type: 'alert_steady', changes: 40 },
  alert_linked: { ...alert, type: 'alert_linked', incident: 'i-1' },
  incident_opened: opened,
  incident_response: { ...of, type: 'incident_response', unit: 'patrol-1', by: 'wang', status: 'declined', reason: '在另一现场' },
  incident_escalated: { ...of, type: 'incident_escalated', level: 1, silent: ['medical'], ask },
  incident_unanswered: { ...of, type: 'incident_unanswered', silent: ['medical'] },
  incident_asked: { ...of, type: 'incident_asked', ask },
  incident_worsened: { ...of, type: 'incident_worsened', state },
  incident_action_proposed: {
    ...of,
    type: 'incident_action_proposed',
    action: { id: 'horn', kind: 'siren', device: 'siren-1', persons: 1 }
  },
  incident_action_confirmed: { ...of, type: 'incident_action_confirmed', action: 'horn', by: 'wang' },
  incident_action_stopped: { ...of, type: 'incident_action_stopped', action: 'horn', by: 'li' },
  incident_action_became: { ...of, type: 'incident_action_became', action: 'horn', status: 'failed', why: 'the device has not answered' },
  incident_linked: { ...of, type: 'incident_linked', alert: 'a-2' },
  incident_weighed: {
    ...of,
    type: 'incident_weighed',
    hypothesis: {
      kind: 'gas',
      grade: 'likely',
      points: 55,
      needs: ['medical'],
      evidence: [
        { sign: 'report_gas', source: 'r-1', word: '煤气味', points: 25, at },
        { sign: 'gas_lel_percent', source: 'gas-7', value: 6, points: 18, at },
        { sign: 'people_near', source: 'platform-1', value: 1.8, points: 10, at, zone: 'platform-1' }
      ]
    },
    ask: [{ unit: 'patrol-1', agency: 'police' }]
  },
  incident_noted: { ...of, type: 'incident_noted', by: 'wang', text: '已清场', step: 'clear' },
  incident_task_added: {
    ...of,
    type: 'incident_task_added',
    task: { id: 't-1', text: '查看B口', by: 'li', at, agency: 'police', unit: 'patrol-1', power: 'restrict_passage', due_at: at }
  },
  incident_task_done: { ...of, type: 'incident_task_done', task: 't-1', by: 'wang', answer: '没有发现' },
  incident_task_cancelled: { ...of, type: 'incident_task_cancelled', task: 't-1', by: 'wang' },
  incident_task_overdue: { ...of, type: 'incident_task_overdue', task: 't-1' },
  incident_attached: {
    ...of,
    type: 'incident_attached',
    attachment: { by: 'wang', at, name: '现场.jpg', media_type: 'image/jpeg', bytes: 20_480, sha256: 'ab'.repeat(32), text: '东侧' }
  },
  incident_checked_in: { ...of, type: 'incident_checked_in', unit: 'patrol-1', by: 'wang' },
  incident_unit_overdue: { ...of, type: 'incident_unit_overdue', unit: 'patrol-1' },
  incident_handed_over: { id: 'i-1', at, type: 'incident_handed_over', by: 'li', to: 'guardian', checked: true, receipt: '9F3A01BC' },
  incident_all_clear: { ...of, type: 'incident_all_clear', by: 'wang', role: 'officer' },
  incident_closed: { ...of, type: 'incident_closed', by: 'li', outcome: 'false_alarm', text: '误按' },
  incident_reopened: { ...of, type: 'incident_reopened', by: 'li', reason: '又起火', ask },
  incident_absorbed: { ...of, type: 'incident_absorbed', other: 'i-2', by: 'li', state },
  incident_merged: { ...of, type: 'incident_merged', into: 'i-3', by: 'li', reason: '同一火情' },
  incident_split: { ...of, type: 'incident_split', to: 'i-4', alerts: ['a-1'], by: 'li', reason: '另一处' },
  page_asked: {
    ...page,
    type: 'page_asked',
    unit: 'patrol-1',
    agency: 'police',
    channel: 'sms',
    occasion: 'opened',
    severity: 'red',
    drill: false,
    deadline_at: at,
    not_before: at
  },
  page_receipt: { ...page, type: 'page_receipt', receipt: 'heard', note: '2' },
  page_failed: { ...page, type: 'page_failed', why: 'no answer', retry_at: at },
  maintenance_planned: {
    ...of,
    type: 'maintenance_planned',
    covers: { zone: 'platform-1' },
    owner: '老赵',
    by: 'li',
    from: at,
    until: at,
    reason: '换探头',
    patrol: { unit: 'patrol-1', every_s: 600 }
  },
  maintenance_began: { ...of, type: 'maintenance_began' },
  maintenance_round: { ...of, type: 'maintenance_round', by: 'wang' },
  maintenance_round_missed: { ...of, type: 'maintenance_round_missed', unit: 'patrol-1', owner: '老赵' },
  maintenance_ended: { ...of, type: 'maintenance_ended', by: 'li' },
  duty_absent: { ...duty, type: 'duty_absent' },
  duty_swapped: { ...duty, type: 'duty_swapped', with: 'patrol-2', shifts: [] },
  duty_restored: { id: 'd-1', at, type: 'duty_restored', by: 'li' },
  handover_offered: { ...hand, type: 'handover_offered', from: 'li', to: 'wu', text: '一起红色', items: [], expires_at: at },
  handover_read_back: { ...hand, type: 'handover_read_back', by: 'wu', items: ['i-1'], text: '一起红色', expires_at: at },
  handover_confirmed: { ...hand, type: 'handover_confirmed', by: 'li', to: 'wu', items: [] },
  handover_withdrawn: { ...hand, type: 'handover_withdrawn', by: 'li' },
  handover_declined: { ...hand, type: 'handover_declined', by: 'wu', reason: '没到岗' },
  handover_expired: { ...hand, type: 'handover_expired', from: 'li', to: 'wu' },
  handover_taken: { ...hand, type: 'handover_taken', by: 'wu', reason: '失联', items: [] },
  drill_began: { ...hand, type: 'drill_began', scenarios: ['D1'], by: 'li' },
  drill_over: {
    ...hand,
    type: 'drill_over',
    why: 'played',
    by: 'li',
    incidents: [],
    score: {
      score: 87,
      formula: 1,
      agencies_needed: 1,
      agencies_answered: 1,
      answered_in_60_s: 1,
      silent: [],
      escalations: 0,
      steps: 0,
      steps_in_time: 0
    }
  },
  station_started: { ...of, type: 'station_started', epoch: 'e', version: '1' },
  station_stopped: { ...of, type: 'station_stopped' },
  coverage_claimed: { ...of, type: 'coverage_claimed', zone: 'platform-1', hazards: ['smoke', 'heat'] },
  coverage_waived: { ...of, type: 'coverage_waived', by: 'li' },
  clock_stepped: { ...of, type: 'clock_stepped', by_ms: -3_600_000 },
  journal_damaged: { ...of, type: 'journal_damaged', lost: 3, detail: 'torn page' },
  device_enrolled: { ...of, type: 'device_enrolled', profile: 'json', zone: 'platform-1', topic: 'x', by: 'li' },
  device_removed: { ...of, type: 'device_removed', by: 'li' },
  device_rotated: { ...of, type: 'device_rotated', by: 'li' },
  device_revoked: { ...of, type: 'device_revoked', by: 'li' },
  device_limited: { ...of, type: 'device_limited', by: 'li', limits: { temperature_celsius: [50, 60] } },
  device_replaced: { ...of, type: 'device_replaced', by: 'li', profile: 'json', zone: 'platform-1', topic: 'devices/i-1' },
  device_alarmed: { id: 'smoke-1', at, type: 'device_alarmed', zone: 'platform-1', quantity: 'smoke_alarm', value: 1, measured_at: at },
  camera_changed: { id: 'cam-1', at, type: 'camera_changed', state: 'covered', why: 'dark' },
  signed_in: { id: 'wang', at, type: 'signed_in', address: '::1' },
  sign_in_refused: { id: 'wang', at, type: 'sign_in_refused', address: '::1' },
  view_accepted: { id: 'cam-1', at, type: 'view_accepted', by: 'li' },
  still_taken: { id: 'cam-1', at, type: 'still_taken', by: 'li', reason: '核实', incident: 'i-1' },
  live_view_began: { id: 'cam-1', at, type: 'live_view_began', by: 'li', reason: '核实', incident: 'i-1' },
  live_view_ended: { id: 'cam-1', at, type: 'live_view_ended', by: 'li', seconds: 42, why: 'left' },
  description_kept: {
    id: 'd-1',
    at,
    type: 'description_kept',
    incident: 'i-1',
    by: 'li',
    consent: 'guardian',
    fields: ['text', 'clothes']
  },
  description_read: { id: 'd-2', at, type: 'description_read', incident: 'i-1', by: 'li' },
  description_erased: { id: 'd-3', at, type: 'description_erased', incident: 'i-1' },
  forecast_warned: { ...zoned, type: 'forecast_warned', limit_per_m2: 4, percent: 84, within_s: 600 },
  forecast_scored: { ...zoned, type: 'forecast_scored', outcome: 'hit', lead_s: 312 },
  forecasts_tallied: { id: 'hub', at, type: 'forecasts_tallied', tally: emptyTally, watched_s: { 'platform-1': 900 } },
  camera_calibrated: {
    id: 'cam-1',
    at,
    type: 'camera_calibrated',
    by: 'li',
    picture: { width: 768, height: 576 },
    ground: [],
    masks: [],
    zones: []
  },
  camera_scaled: { id: 'cam-1', at, type: 'camera_scaled', by: 'li', model: 'ab', stills: [{ estimate: 4.2, heads: 5 }] },
  camera_calibration_undone: { id: 'cam-1', at, type: 'camera_calibration_undone', by: 'li', what: 'ground' },
  report_received: { id: 'r-1', at, type: 'report_received', zone: 'platform-1', kind: 'crowd', text: '挤', by: '群众', source: '110-7' },
  cap_received: {
    id: 'c-1',
    at,
    type: 'cap_received',
    by: 'city-110',
    sender: '110@city',
    identifier: 'x-1',
    sent: '2026-11-24T16:00:00+08:00',
    status: 'Actual',
    msg_type: 'Alert',
    incidents: [],
    done: 'incident',
    incident: 'i-1'
  },
  bundle_made: { id: 'b-1', at, type: 'bundle_made', incident: 'i-1', by: 'li', sha256: 'cd'.repeat(32) },
  limit_tuned: {
    ...tuning,
    type: 'limit_tuned',
    rule: 'threshold',
    zone: 'platform-1',
    device: 't-7',
    quantity: 'temperature_celsius',
    limit_now: 45,
    limit: 49,
    from: at,
    to: at,
    samples: 40_320,
    now: { fired: 31, true: 1, false: 30, open: 0, nothing: 0 },
    would: { fired: 4, true: 1, false: 3, open: 0, nothing: 0 }
  },
  limit_restored: { ...tuning, type: 'limit_restored', rule: 'threshold', limit: 45 },
  limit_rejected: { ...tuning, type: 'limit_rejected', rule: 'threshold', limit: 49, reason: '夏天不同' },
  shadow_fired: {
    id: 'hasty',
    at,
    type: 'shadow_fired',
    rule: 'crowd-density',
    kind: 'crowd',
    zone: 'platform-1',
    severity: 'yellow',
    because
  },
  unit_paged: { id: 'patrol-1', at, type: 'unit_paged', incident: 'i-1', agency: 'police', channel: 'sms' },
  path_checked: { ...of, type: 'path_checked', ok: false, stuck: 'broker', why: 'deaf' },
  gates_counted: { ...alert, type: 'gates_counted', tally: { inside: 4021, since: at, at, said: {}, miscounted: 0 } },
  gates_closed: { ...alert, type: 'gates_closed', tally: { inside: 0, since: at, at, said: {}, miscounted: 0 }, left_over: 37 },
  uplink_changed: { ...of, type: 'uplink_changed', online: false, why: 'no route' },
  command_received: { ...of, type: 'command_received', incident: 'i-1', by: '市局', what: 'note', refused: 'not_your_unit' }
}

const names: Names = {
  unit: id => (id === 'patrol-1' ? '巡逻一组' : id),
  agencyOf: unit => (unit === 'patrol-1' ? 'police' : undefined),
  zone: id => (id === 'platform-1' ? '一号站台' : id),
  channel: id => (id === 'sms' ? '短信' : id),
  clock: () => '16:00:00',
  step: id => id,
  task: id => id
}
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort()
const all = Object.values(one)

t.test('every sentence of the timeline stands in both languages with the same blanks', async t => {
  for (const [key, label] of Object.entries({ ...lines, ...parts, ...occasions, ...receiptWords, ...categories })) {
    t.strictSame(placeholders(label['zh-CN']), placeholders(label.en), key)
    for (const locale of locales) t.ok(label[locale].trim(), `${key} in ${locale}`)
    t.notMatch(label.en, /[一-鿿]/, `${key} is English in English`)
  }
})

t.test('everything that can happen has a sentence whose blanks are all filled', async t => {
  for (const event of all) {
    for (const locale of locales) {
      const see: See = { ...names, locale, page: id => (id === 'p-1' ? one.page_asked : undefined) }
      const told = (tellers[event.type] as (event: Event, see: See) => Telling)(event, see)
      t.ok(told.category in categories, event.type)
      for (const blank of placeholders(lines[told.say][locale])) t.ok(told.with && blank in told.with, `${event.type} fills {${blank}}`)
      for (const [key, values] of (told.add ?? []).filter(part => part !== undefined))
        for (const blank of placeholders(parts[key][locale])) t.ok(blank in values, `${event.type} fills {${blank}} of ${key}`)
    }
  }
})

t.test('no line says undefined, [object Object] or a blank, in either language', async t => {
  for (const locale of locales)
    for (const { seq, text } of timelineOf(
      all.map((event, seq) => ({ seq, event })),
      names,
      locale
    ))
      t.notMatch(text, /undefined|NaN|\[object|\{|\}|^\s*$/, `${all[seq]?.type} in ${locale}: ${text}`)
})

const say = (event: Event, locale: 'zh-CN' | 'en' = 'zh-CN', about = 'i-1'): string =>
  timelineOf(
    [
      { seq: 1, event: one.page_asked },
      { seq: 2, event }
    ],
    names,
    locale,
    about
  )[1]?.text ?? ''

t.test('a line says on what evidence, who was told over which channel, and how it was answered', async t => {
  t.equal(say(one.alert_raised), '预警：一号站台火情，红色 I级。依据：密度 4.24 人/m²，达到红色 I级界限 4（5 秒）')
  t.equal(
    say(one.incident_opened),
    `立案：一号站台人群聚集，红色 I级。依据：密度 4.24 人/m²，达到红色 I级界限 4（5 秒）。需要：公安、医疗急救。通知：巡逻一组（公安）`
  )
  t.equal(say(one.page_asked), '通过“短信”通知巡逻一组（新警情），16:00:00 发出')
  t.equal(say(one.page_receipt), '“短信”已听到：巡逻一组（2）')
  t.equal(say(one.page_failed), '“短信”没有通知到巡逻一组：no answer，16:00:00 再试')
  t.equal(say(one.incident_response), '巡逻一组（公安）：无法前往（wang）。理由：在另一现场')
  t.equal(say(one.incident_response, 'en'), '巡逻一组 (police): declined (wang); reason: 在另一现场')
  t.equal(say(one.incident_escalated), '医疗急救未签收，升级（第 2 级）。通知：巡逻一组（公安）')
  t.equal(say({ ...one.incident_escalated, ask: [] }, 'en'), 'medics silent, escalated to rung 2; nobody is left to ask')
  t.match(
    say(one.incident_task_added),
    /^li 布置任务“查看B口”，由巡逻一组办理（职权：公安可以限制通行、停留：《人民警察法》第十五条.*），限 16:00:00 前$/
  )
  t.equal(say(one.incident_closed), 'li 结案：误报。理由：误按')
  t.equal(say(one.device_alarmed), '一号站台设备 smoke-1 报告：烟雾报警 1')
  t.equal(say(one.command_received, 'en'), 'order of 市局 at the city (note) was refused: You are not a member of this unit.')
})

t.test('an exercise and another incident are marked as such', async t => {
  t.match(say({ ...opened, drill: true }), /^【演练】立案/)
  t.match(say({ ...opened, id: 'i-2' }), /（警情 i-2）$/)
  t.notMatch(say(opened), /警情 i-1/)
})

t.test('what a later version wrote is shown by its type, and an inherited name is no type', async t => {
  for (const type of ['moon_landed', 'constructor']) {
    const [line] = timelineOf([{ seq: 1, event: { ...of, type } as unknown as Event }], names, 'zh-CN')
    t.match(line, { category: 'system', text: type })
  }
})

t.test('a receipt whose asking is not at hand still says what it is', async t => {
  const [line] = timelineOf([{ seq: 1, event: one.page_receipt }], names, 'en')
  t.equal(line?.text, '“p-1” heard: ? (2)')
})

t.test('what people wrote stays as they wrote it, also where it looks like a blank or a word of ours', async t => {
  t.equal(say({ ...one.incident_noted, text: '{by} red <b>', step: undefined } as unknown as Event), 'wang 记录：{by} red <b>')
})
