/**
 * What the timeline says, in both languages: one sentence for each thing that can happen. `{name}` is filled in; what may be
 * missing stands in a part of its own (`with_…`), which is added only when it is known. A test compares languages and blanks.
 */
import type { Occasion, Receipt } from './delivery.ts'
import type { Label } from './vocabulary.ts'

const both = (zh: string, en: string): Label => ({ 'zh-CN': zh, en })

export const lines = {
  alert_raised: both('预警：{zone}{kind}，{level}', 'alert: {kind} in {zone}, {level}'),
  alert_changed: both('预警变为{level}', 'alert is now {level}'),
  alert_again: both('预警再次触发（第 {episode} 次），{level}', 'alert is back (episode {episode}), {level}'),
  alert_cleared: both('触发条件消失', 'the condition has gone'),
  alert_acknowledged: both('{by} 已知悉预警', '{by} has seen the alert'),
  alert_acknowledged_many: both('{by} 已知悉 {count} 次触发', '{by} has seen {count} episodes of the alert'),
  alert_confirmed: both('{by} 确认预警已处置', '{by} confirms that the alert was dealt with'),
  alert_reset: both('{by} 复位预警', '{by} resets the alert'),
  alert_shelved: both('{by} 搁置预警到 {until}', '{by} shelves the alert until {until}'),
  alert_unshelved: both('搁置到时结束', 'the shelf is over'),
  alert_unshelved_by: both('{by} 结束搁置', '{by} takes the alert off the shelf'),
  alert_suppressed: both('预警由 {cause} 引起，不单独呼叫', 'the alert follows from {cause} and calls nobody by itself'),
  alert_unsuppressed: both('预警恢复单独呼叫', 'the alert calls for itself again'),
  alert_out_of_service: both('维护中，预警停用到 {until}', 'under maintenance, out of service until {until}'),
  alert_in_service: both('维护结束，预警恢复', 'maintenance is over, the alert is in service'),
  alert_realarmed: both('预警持续，再次鸣响', 'the alert goes on and sounds again'),
  alert_flapping: both(
    '反复触发，按仍在触发显示，期间变化 {count} 次',
    'it comes and goes and is held as there; {count} changes meanwhile'
  ),
  alert_steady: both('已稳定，期间变化 {count} 次', 'it is steady again, after {count} changes'),
  alert_linked: both('预警归入警情 {incident}', 'the alert belongs to incident {incident}'),

  incident_opened: both('立案：{zone}{kind}，{level}', 'incident: {kind} in {zone}, {level}'),
  incident_action_proposed: both(
    '建议对外：{order}“{channel}”，待人确认',
    'proposed to the public: {order} “{channel}”, waits for a person'
  ),
  incident_action_confirmed: both('{by} 确认“{channel}”', '{by} confirms “{channel}”'),
  incident_action_stopped: both('{by} 停止“{channel}”', '{by} stops “{channel}”'),
  incident_action_became: both('“{channel}”：{action}', '“{channel}”: {action}'),
  incident_response: both('{unit}：{status}', '{unit}: {status}'),
  incident_escalated: both('{silent}未签收，升级（第 {rung} 级）', '{silent} silent, escalated to rung {rung}'),
  incident_unanswered: both('逐级上报后{silent}仍未签收', 'every rung was climbed and {silent} still silent'),
  incident_asked: both('增派力量', 'more units are asked'),
  incident_worsened: both('级别升为{level}', 'it is now {level}'),
  incident_reached: both('也到了{zone}，现为{level}', 'it has reached {zone} too and is {level}'),
  incident_again: both('再次报警，仍为{level}，重新通知', 'it alarms again, still {level}: all are called anew'),
  incident_linked: both('又一条预警归入本警情', 'one more alert belongs to it'),
  incident_weighed: both(
    '综合研判：{kind}{grade}，{points} 分，{count} 项证据',
    'weighed together: {kind} {grade}, {points} points, {count} pieces of evidence'
  ),
  incident_noted: both('{by} 记录：{text}', '{by} notes: {text}'),
  incident_step: both('{by} 完成预案步骤“{step}”', '{by} has done the step “{step}”'),
  incident_task_added: both('{by} 布置任务“{text}”', '{by} sets the task “{text}”'),
  incident_task_done: both('{by} 完成任务“{task}”', '{by} has done the task “{task}”'),
  incident_task_cancelled: both('{by} 取消任务“{task}”', '{by} cancels the task “{task}”'),
  incident_task_overdue: both('任务“{task}”超过时限', 'the task “{task}” is overdue'),
  incident_attached: both(
    '{by} 登记材料“{name}”（{bytes} 字节，SHA-256 {sha256}）',
    '{by} attaches “{name}” ({bytes} bytes, SHA-256 {sha256})'
  ),
  incident_checked_in: both('{unit}报平安', '{unit} says that it is well'),
  incident_unit_overdue: both('{unit}在现场，超过时限没有报平安', '{unit} is on scene and has not been heard from in time'),
  incident_all_clear: both('{by}（{role}）确认险情解除', '{by} ({role}) gives the all-clear'),
  incident_closed: both('{by} 结案：{outcome}', '{by} closes it: {outcome}'),
  incident_reopened: both('{by} 重新开启', '{by} reopens it'),
  incident_absorbed: both('{by} 把警情 {other} 并入', '{by} takes in incident {other}'),
  incident_merged: both('{by} 将其并入警情 {into}', '{by} merges it into incident {into}'),
  incident_split: both('{by} 分出 {count} 条预警，另立警情 {to}', '{by} takes {count} alerts out into incident {to}'),

  page_asked: both('通过“{channel}”通知{unit}（{occasion}）', '{unit} is called over “{channel}” ({occasion})'),
  page_receipt: both('“{channel}”{receipt}：{unit}', '“{channel}” {receipt}: {unit}'),
  page_failed: both('“{channel}”没有通知到{unit}：{why}', '“{channel}” did not reach {unit}: {why}'),

  maintenance_planned: both(
    '{by} 安排维护，{from} 至 {until}，负责人 {owner}',
    '{by} plans maintenance from {from} to {until}, owner {owner}'
  ),
  maintenance_began: both('维护开始', 'maintenance begins'),
  maintenance_round: both('{by} 报告替代巡逻', '{by} reports the standing-in round'),
  maintenance_round_missed: both('{unit}没有按时报告替代巡逻', '{unit} did not report its round in time'),
  maintenance_ended: both('维护结束', 'maintenance ends'),
  maintenance_ended_by: both('{by} 结束维护', '{by} ends the maintenance'),

  duty_absent: both('{by} 登记{unit}缺勤，{from} 至 {until}', '{by} notes that {unit} is absent from {from} to {until}'),
  duty_swapped: both(
    '{by} 登记{other}代{unit}值班，{from} 至 {until}',
    '{by} notes that {other} stands in for {unit} from {from} to {until}'
  ),
  duty_restored: both('{by} 恢复原勤务安排', '{by} lets the plan of duty hold again'),
  handover_offered: both('{giver} 提出向 {to} 移交指挥权', '{giver} offers the command to {to}'),
  handover_read_back: both('{by} 复述未结警情 {count} 起', '{by} reads back {count} open incidents'),
  handover_confirmed: both('指挥权由 {by} 移交 {to}', 'the command passes from {by} to {to}'),
  handover_withdrawn: both('{by} 撤回移交', '{by} withdraws the hand-over'),
  handover_declined: both('{by} 拒绝接受指挥权', '{by} declines the command'),
  handover_expired: both('{giver} 向 {to} 的移交超时，指挥权不变', 'the hand-over from {giver} to {to} has expired, the command stays'),
  handover_taken: both('{by} 接管指挥权', '{by} takes the command'),

  drill_began: both('{by} 开始演练（{scenarios}）', '{by} begins an exercise ({scenarios})'),
  drill_over: both('演练结束，得分 {score}', 'the exercise is over, score {score}'),

  station_started: both('站点启动，版本 {version}', 'the station starts, version {version}'),
  station_stopped: both('站点停止', 'the station stops'),
  clock_put_forward: both(
    '站点时钟被拨快 {minutes} 分钟；进行中的计时不受影响',
    'the clock of the station was put forward by {minutes} min; what is going on goes on as it was'
  ),
  clock_put_back: both(
    '站点时钟被拨回 {minutes} 分钟；进行中的计时不受影响',
    'the clock of the station was put back by {minutes} min; what is going on goes on as it was'
  ),
  journal_damaged: both('日志损坏，缺 {lost} 条：{detail}', 'the journal was damaged, {lost} entries are missing: {detail}'),
  device_enrolled: both('{by} 登记设备 {device}', '{by} enrols device {device}'),
  device_removed: both('{by} 移除设备 {device}', '{by} removes device {device}'),
  device_rotated: both(
    '{by} 更换设备 {device} 的凭据，旧凭据即刻失效',
    '{by} gives device {device} a new credential; the old one ends at once'
  ),
  device_revoked: both('{by} 吊销设备 {device} 的凭据', '{by} revokes the credential of device {device}'),
  device_limited: both('{by} 修改设备 {device} 自己的界限', '{by} changes the limits of device {device}'),
  device_replaced: both('{by} 更换设备 {device} 的硬件', '{by} puts new hardware in the place of device {device}'),
  device_alarmed: both('{zone}设备 {device} 报告：{quantity} {value}{unit}', 'device {device} in {zone} says: {quantity} {value}{unit}'),
  coverage_claimed: both('设备 {device} 在{zone}监测：{hazards}', 'device {device} watches {zone} for {hazards}'),
  coverage_claims_nothing: both('设备 {device} 不再监测{zone}', 'device {device} watches {zone} for nothing any more'),
  coverage_waived: both('设备 {device} 已移除，不再要求它监测', 'device {device} is gone and no longer missed'),
  coverage_waived_by: both('{by} 知悉：设备 {device} 已移除，不再要求它监测', '{by} knows: device {device} is gone and no longer missed'),
  camera_changed: both('摄像头 {camera} {state}：{why}', 'camera {camera} is {state}: {why}'),
  signed_in: both('{by} 登录', '{by} signs in'),
  sign_in_refused: both('{by} 登录被拒', '{by} was refused at sign-in'),
  view_accepted: both('{by} 确认摄像头 {camera} 现在的视野就是应有的视野', '{by} says that camera {camera} now sees what it should see'),
  still_taken: both('{by} 调看摄像头 {camera} 的画面', '{by} looks at a picture of camera {camera}'),
  live_view_began: both('{by} 开始看摄像头 {camera} 的实时画面', '{by} begins to watch camera {camera} live'),
  live_view_ended: both(
    '{by} 不再看摄像头 {camera} 的实时画面（看了 {seconds} 秒）',
    '{by} no longer watches camera {camera} live (for {seconds} s)'
  ),
  description_kept: both(
    '{by} 登记被寻找人的描述（依据：{ground}），另存，到期删除',
    '{by} writes down who is sought ({ground}); it is kept apart and will be erased'
  ),
  description_read: both('{by} 查看被寻找人的描述', '{by} reads who is sought'),
  description_erased: both('被寻找人的描述已按保留期限删除', 'the description of who was sought is erased, as its retention says'),
  incident_handed_over: both('{by} 将人交给{to}，交接编号 {receipt}', '{by} gives the person to: {to}, receipt {receipt}'),
  incident_handed_over_checked: both(
    '{by} 核对证件后将人交给{to}，交接编号 {receipt}',
    '{by} has checked a paper and gives the person to: {to}, receipt {receipt}'
  ),
  forecast_warned: both(
    '预测预警：{zone}{minutes} 分钟内达到 {limit} 人/m² 的可能性 {percent}%',
    'forecast: {zone} reaches {limit} p/m² within {minutes} min with a chance of {percent} %'
  ),
  forecast_hit: both(
    '预测应验：{zone}在预警 {seconds} 秒后达到红色',
    'the forecast came true: {zone} is red {seconds} s after the warning'
  ),
  forecast_miss: both('预测漏报：{zone}未经预警就达到红色', 'the forecast missed it: {zone} is red without a warning'),
  forecast_false: both('预测没有应验：{zone}没有达到红色', 'the forecast did not come true: {zone} did not become red'),
  forecast_unseen: both('预测无法评判：{zone}当时看不见', 'the forecast cannot be judged: {zone} was not seen'),
  forecasts_tallied: both('预测评分记入', 'forecasts were scored'),
  camera_calibrated: both(
    '{by} 标定摄像头 {camera}：地面点 {points} 个，遮挡 {masks} 块，区域 {zones} 个',
    '{by} calibrates camera {camera}: {points} ground points, {masks} masks, {zones} zones'
  ),
  camera_scaled: both(
    '{by} 用 {stills} 张点过人数的画面校准摄像头 {camera}',
    '{by} calibrates the counts of camera {camera} by {stills} stills'
  ),
  camera_calibration_undone: both('{by} 撤回摄像头 {camera} 的标定', '{by} takes back a calibration of camera {camera}'),
  report_received: both('{by} 报告{zone}：{text}', '{by} reports from {zone}: {text}'),
  cap_received: both('收到 {sender} 的 CAP 消息 {identifier}（{msg_type}）', 'CAP message {identifier} ({msg_type}) from {sender}'),
  bundle_made: both('{by} 导出移交包（SHA-256 {sha256}）', '{by} exports the hand-over bundle (SHA-256 {sha256})'),
  unit_paged: both('通过“{channel}”通知{unit}', '{unit} is called over “{channel}”'),
  path_checked: both('链路自检通过', 'the path check works'),
  path_stuck: both('链路自检没有通过（{stuck}）：{why}', 'the path check failed ({stuck}): {why}'),
  limit_tuned: both(
    '{by} 采纳学习到的界限：{of}由 {before} 改为 {limit}（同期 {fired} 次预警变为 {would} 次）',
    '{by} takes over a learned limit: {of} from {before} to {limit} ({would} alerts instead of {fired} over the same time)'
  ),
  limit_restored: both('{by} 恢复{of}原来的界限 {limit}', '{by} restores the limit of {of}: {limit}'),
  limit_rejected: both('{by} 不采纳{of}的界限 {limit}', '{by} does not want the limit {limit} for {of}'),
  shadow_fired: both(
    '试行规则 {shadow} 本会对{zone}报警（未通知任何人）',
    'rule on trial {shadow} would have raised {zone}; nobody was called'
  ),
  gates_counted: both('{zone}内 {count} 人（闸口计数）', '{count} people inside {zone}, by its gates'),
  gates_closed: both('{zone}闭园，计数清零，余 {count} 人', '{zone} has closed: the count begins again, {count} were left over'),
  uplink_online: both('与上级恢复连接', 'the line to the city is up'),
  uplink_offline: both('与上级断开：{why}', 'the line to the city is down: {why}'),
  command_received: both('市级 {by} 的指令（{what}）', 'order of {by} at the city ({what})'),
  command_refused: both('市级 {by} 的指令（{what}）没有执行：{why}', 'order of {by} at the city ({what}) was refused: {why}'),
  not_known: both('{type}', '{type}')
} as const satisfies Record<string, Label>
export type LineKey = keyof typeof lines

/** Added to a sentence when there is something to add. */
export const parts = {
  because: both('。依据：{because}', '; because: {because}'),
  asked: both('。通知：{asked}', '; asked: {asked}'),
  evidence: both('。{evidence}', '; {evidence}'),
  asked_nobody: both('。没有可再通知的力量', '; nobody is left to ask'),
  needs: both('。需要：{needs}', '; needed: {needs}'),
  reason: both('。理由：{reason}', '; reason: {reason}'),
  said: both('：{text}', ': {text}'),
  assigned: both('，由{to}办理', ', for {to}'),
  power: both('（职权：{power}）', ' ({power})'),
  due: both('，限 {due} 前', ', due by {due}'),
  retry: both('，{retry} 再试', ', tried again at {retry}'),
  given_up: both('，不再重试', ', not tried again'),
  put_off: both('，{not_before} 发出', ', to be sent at {not_before}'),
  person: both('（{by}）', ' ({by})'),
  source: both('（{source}）', ' ({source})'),
  of_other: both('（警情 {incident}）', ' (incident {incident})'),
  drill: both('【演练】', '[EXERCISE] ')
} as const satisfies Record<string, Label>
export type PartKey = keyof typeof parts

export const occasions = {
  opened: both('新警情', 'new'),
  worsened: both('级别升高', 'worse'),
  asked: both('增派', 'asked'),
  overdue: both('未报平安', 'overdue'),
  reminder: both('催办', 'reminder'),
  over: both('结束', 'over')
} as const satisfies Record<Occasion, Label>

export const receiptWords = {
  sent: both('已发出', 'sent'),
  delivered: both('已送达', 'delivered'),
  shown: both('已显示', 'shown'),
  heard: both('已听到', 'heard'),
  answered: both('已应答', 'answered')
} as const satisfies Record<Receipt, Label>

/** What kind of line it is, so that a reader can look at one kind alone. */
export const categories = {
  evidence: both('依据', 'evidence'),
  call: both('通知', 'call'),
  receipt: both('回执', 'receipt'),
  answer: both('应答', 'answer'),
  action: both('处置', 'action'),
  decision: both('决定', 'decision'),
  system: both('系统', 'system')
} as const satisfies Record<string, Label>
export type Category = keyof typeof categories
