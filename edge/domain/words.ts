/**
 * What the station says, in both languages. `{name}` is filled in; a value that is itself a word of the vocabulary
 * (a quantity, an agency, a level) is looked up there. A test fails when a key, a language or a placeholder is missing.
 */

import { grades, signs } from './evidence.ts'
import { orderKinds } from './orders.ts'
import { actionStatuses } from './public-actions.ts'
import {
  agencies,
  cameraStates,
  dayparts,
  doubts,
  hazards,
  incidentKinds,
  type Label,
  type Locale,
  levels,
  listed,
  lost,
  measures,
  outcomes,
  qualifications,
  quantities,
  responseStatuses,
  roles,
  stages,
  uses,
  weekdayNames
} from './vocabulary.ts'

const both = (zh: string, en: string): Label => ({ 'zh-CN': zh, en })

/** Why something was raised, changed or cleared. */
export const sentences = {
  density_above: both(
    '密度 {value} 人/m²，达到{level}界限 {limit}（{seconds} 秒）',
    'density {value} p/m², at or above the {level} limit of {limit} for {seconds} s'
  ),
  density_below: both('密度降到 {value} 人/m²，低于 {limit}', 'density down to {value} p/m², under {limit}'),
  capacity_reached: both(
    '园内 {value} 人，为核定 {capacity} 人的 {percent}%，达到 {limit}%',
    '{value} people inside, {percent} % of the {capacity} allowed: {limit} % is reached'
  ),
  capacity_released: both(
    '园内降到 {value} 人，为核定 {capacity} 人的 {percent}%，低于 {limit}%',
    '{value} people inside, {percent} % of the {capacity} allowed: under {limit} %'
  ),
  forecast_red: both(
    '预计 {minutes} 分钟内达到红色界限 {limit} 人/m²，可能性 {percent}%（现在 {value}）',
    'red ({limit} p/m²) within {minutes} min with a chance of {percent} % (now {value})'
  ),
  forecast_gone: both(
    '{minutes} 分钟内达到 {limit} 人/m² 的可能性降到 {percent}%（现在 {value}）',
    'the chance of {limit} p/m² within {minutes} min is down to {percent} % (now {value})'
  ),
  crowd_stop_and_go: both(
    '{value} 人/m² 的人群走走停停：有推挤前兆，控制进入、打开疏散口',
    'a crowd of {value} p/m² moves in stop-and-go waves: pushing may follow, hold the inflow and open ways out'
  ),
  crowd_turbulent: both(
    '人群湍动（压力 {pressure} /s²）：人已被推着走，立即减压',
    'the crowd is turbulent (pressure {pressure} /s²): people are moved against their will, relieve the pressure at once'
  ),
  crowd_moves_freely: both('人群恢复正常移动', 'the crowd moves normally again'),
  value_above: both('{quantity} {value}{unit}，超过界限 {limit}{unit}', '{quantity} {value}{unit}, above the limit of {limit}{unit}'),
  value_below: both('{quantity}回落到 {value}{unit}，低于 {limit}{unit}', '{quantity} back to {value}{unit}, under {limit}{unit}'),
  flag_set: both('{quantity}', '{quantity}'),
  flag_set_then: both('{quantity}（{as_of} 的读数，现在才收到）', '{quantity} as of {as_of}, heard only now'),
  value_jumped: both(
    '{quantity}突变到 {value}{unit}，超过界限 {limit}{unit}：可能是传感器故障，请去看',
    '{quantity} jumped to {value}{unit}, above the limit of {limit}{unit}: perhaps the sensor, somebody has to look'
  ),
  flaps: both('{quantity}反复跳变：检查接线和传感器', '{quantity} flaps: look at the wiring and the sensor'),
  calm_again: both('{quantity}恢复稳定', '{quantity} is calm again'),
  flag_unset: both('{quantity}已解除', '{quantity} is over'),
  silent_for: both('{seconds} 秒没有消息（应在 {limit} 秒内）', 'not heard for {seconds} s (expected every {limit} s)'),
  heard_again: both('恢复通信', 'heard again'),
  out_of_use: both('设备已停用', 'the device is out of use'),
  blind_to: both(
    '{zone}{hazard}监测失守：{device}{lost}，没有别的设备在看，请派人去',
    '{zone} is blind to {hazard}: {device} {lost}, and nothing else watches; somebody has to go there'
  ),
  blind_to_many: both(
    '{zone}{hazard}监测失守：{count} 个设备全部失效（{device}{lost}），请派人去',
    '{zone} is blind to {hazard}: all {count} devices are lost (the last, {device}, {lost}); somebody has to go there'
  ),
  watched_again: both('{zone}{hazard}恢复监测：{device}', '{zone} is watched for {hazard} again: {device}'),
  battery_nearly_empty: both(
    '{device}电量只剩 {value}%，{zone}的{hazard}靠它监测：请尽快更换电池',
    'battery of {device} down to {value} %, and {zone} relies on it for {hazard}: change it soon'
  ),
  battery_says_low: both(
    '{device}报告电量低，{zone}的{hazard}靠它监测：请尽快更换电池',
    '{device} says that its battery is low, and {zone} relies on it for {hazard}: change it soon'
  ),
  battery_changed: both('{device}电池恢复正常', 'the battery of {device} is well again'),
  watched_no_more: both('{zone}不再监测{hazard}', '{zone} is not to be watched for {hazard} any more'),
  camera_unseen: both('{zone}看不见：摄像头{camera}{state}', '{zone} is unseen: camera {camera} is {state}'),
  camera_seen: both('摄像头恢复正常', 'the camera is live again'),
  camera_back: both('摄像头恢复正常，{zone}有 {seconds} 秒看不见', 'the camera is live again; {zone} was unseen for {seconds} s'),
  unsure_too_dark: both('{zone}太暗，人数不可信：请派人去看', '{zone} is too dark to be counted: somebody has to look'),
  unsure_too_many: both(
    '{zone}的人数超出误差范围所依据的画面：请派人去看',
    'there are more people in {zone} than on any picture its error bar comes from: somebody has to look'
  ),
  unsure_too_wide: both(
    '{zone}的误差从正常一直到危险：请派人去看',
    'the error of {zone} reaches from normal to dangerous: somebody has to look'
  ),
  count_sure: both('{zone}的人数恢复可信', 'the count of {zone} can be believed again'),
  reported: both('{by}报告：{text}', '{by} reports: {text}'),
  person_sought: both(
    '{by}报告有人走失，描述另存，到期删除',
    '{by} reports that somebody is lost; the description is kept apart and will be erased'
  ),
  failed_behind: both(
    '挂在 {thing} 上的 {all} 台设备有 {count} 台失效，应是它断电或断网',
    '{count} of the {all} things that hang on {thing} have failed: it has lost its power or its network'
  ),
  failed_together: both(
    '{count} 个设备在一分钟内同时失效，可能断电或断网',
    '{count} devices failed within a minute: power or network may be down'
  ),
  patrol_missed: both(
    '{unit} {seconds} 秒内没有报告替代巡逻（维护负责人 {owner}）',
    '{unit} reported no round within {seconds} s (owner of the maintenance: {owner})'
  ),
  patrol_reported: both('已报告替代巡逻', 'the round was reported'),
  path_broken: both(
    '链路自检没有通过（{stuck}）：{why}。预警可能到不了人',
    'the path check failed ({stuck}): {why}. Warnings may not reach people'
  ),
  path_works: both('链路自检恢复正常', 'the path check works again'),
  exercise_over: both('演练结束', 'the exercise is over'),
  works_again: both('设备恢复正常', 'the devices work again'),
  reports_pile_up: both('{zone}三小时内收到 {count} 起相似报告', '{count} similar reports from {zone} within hours'),
  report_of_crush: both('{zone}的报告出现“{word}”，第 {count} 起', 'a report from {zone} says “{word}”, the {count}. of its kind'),
  cover_breaks: both(
    '{begin} 起{agency}在岗不足：要 {needed} 支，只有 {present} 支',
    'from {begin} too few on duty of {agency}: {present} of {needed} units'
  ),
  cover_breaks_qualified: both(
    '{begin} 起{agency}缺“{qualification}”：要 {needed} 支，只有 {present} 支',
    'from {begin} too few on duty of {agency} with {qualification}: {present} of {needed} units'
  ),
  cover_broken: both('{agency}在岗不足：要 {needed} 支，只有 {present} 支', 'too few on duty of {agency}: {present} of {needed} units'),
  cover_broken_qualified: both(
    '{agency}缺“{qualification}”：要 {needed} 支，只有 {present} 支',
    'too few on duty of {agency} with {qualification}: {present} of {needed} units'
  ),
  cover_not_asked: both('不再要求在岗', 'nobody is asked to be on duty there any more'),
  cover_mended: both('{agency}在岗已满足最低要求', 'enough of {agency} are on duty'),
  weighed: both(
    '{kind}{grade}（{points} 分，{count} 项证据）：{signs}',
    '{kind} {grade} ({points} points, {count} pieces of evidence): {signs}'
  ),
  evidence_faded: both('证据已消退', 'the evidence has faded'),
  odd_times: both(
    '{day}{when}{zone}（{device}）{quantity}为同时段的 {times} 倍：{value} {measure}，平时 {usual}',
    '{zone} ({device}), {day} {when}: {quantity} is {times} times what is usual at this hour, {value} {measure} instead of {usual}'
  ),
  odd_above: both(
    '{day}{when}{zone}（{device}）{quantity}高于同时段：{value} {measure}，平时 {low} 至 {high}',
    '{zone} ({device}), {day} {when}: {quantity} is above what is usual at this hour, {value} {measure} instead of {low} to {high}'
  ),
  odd_below: both(
    '{day}{when}{zone}（{device}）{quantity}低于同时段：{value} {measure}，平时 {low} 至 {high}',
    '{zone} ({device}), {day} {when}: {quantity} is below what is usual at this hour, {value} {measure} instead of {low} to {high}'
  ),
  odd_over: both(
    '{day}{when}{zone}（{device}）{quantity}已恢复平常：{value} {measure}',
    '{zone} ({device}), {day} {when}: {quantity} is usual again, {value} {measure}'
  ),
  reports_settled: both('{by} 结案，之前的报告不再计入', '{by} has closed it; what was reported before counts no more'),
  reports_faded: both('{hours} 小时没有新的报告', 'no further report for {hours} h')
} as const satisfies Record<string, Label>
export type SentenceKey = keyof typeof sentences
export type Sentence = { readonly say: SentenceKey; readonly with: Readonly<Record<string, string | number>> }

/** What people are called with. */
export const calls = {
  drill: both('【演练】', 'EXERCISE '),
  title: both('{drill}{level}{kind} {zone}', '{drill}{level}: {kind}, {zone}'),
  speech: both('{drill}{zone}，{kind}，{level}，请{unit}立即签收', '{drill}{zone}: {kind}, {level}. {unit}, please answer'),
  opened: both('请{unit}签收并处置。', '{unit}: please answer and go.'),
  worsened: both('情况升级，请{unit}注意。', 'It is worse than before, {unit}.'),
  asked: both('请{unit}签收并支援。', '{unit}: please answer and help.'),
  overdue: both('现场力量失去联系，请立即确认安全。', 'A unit on scene has not been heard from: make sure that it is safe.'),
  reminder: both('任务超过时限，请{unit}确认。', 'A task is past its deadline, {unit}.'),
  over: both('警情已结束。', 'It is over.'),
  merged: both('已并入同一险情的另一起警情，请在那里继续。', 'It is now part of another incident of the same danger: go on there.'),
  since: both('{time} 起：{because}', 'Since {time}: {because}'),
  inside_only: both('详情只在本站屏幕上显示', 'the details are on the station’s own screens alone'),
  answer: both('在此签收：{url}', 'Answer here: {url}'),
  spoken_worsened: both('{drill}{zone}，{kind}升级，{level}，请{unit}注意', '{drill}{zone}: {kind} is worse, {level}. {unit}, take care'),
  spoken_overdue: both(
    '{drill}{zone}，现场力量失去联系，请{unit}确认安全',
    '{drill}{zone}: a unit is not heard from. {unit}, make sure it is safe'
  ),
  spoken_reminder: both('{drill}{zone}，{kind}，任务超时，请{unit}确认', '{drill}{zone}: {kind}, a task is late. {unit}, please answer'),
  spoken_over: both('{drill}{zone}，{kind}，警情已结束', '{drill}{zone}: {kind} is over'),
  spoken_merged: both('{drill}{zone}，{kind}，已并入另一起警情', '{drill}{zone}: {kind} is part of another incident now')
} as const satisfies Record<string, Label>

/** Why a call has not arrived, as the journal has it in English; what a vendor's server said is not among them. */
export const troubles = {
  over: both('警情已结束，不再通知', 'it is over, nobody has to be called'),
  goes_on: both('警情重新打开，没有结束', 'it was reopened and is not over'),
  unit_answered: both('该力量已经答复，不再通知', 'the unit has answered, it has not to be called'),
  newer_call: both('已有更新的通知代替', 'a newer call says more'),
  too_late: both('时限已过，没有送出', 'its time was over before it could be sent'),
  too_many: both('等待的通知太多，放弃最早的', 'too many calls are waiting, the oldest is let go'),
  no_channel: both('这个渠道已不在配置里', 'this channel is no longer set up'),
  no_answer: both('限时内没有回应', 'no answer in time'),
  no_screen: both('该力量没有打开的屏幕', 'no screen of this unit is open'),
  not_online: both('设备不在线', 'the device is not online'),
  no_speech_program: both('本机没有语音合成程序', 'the text-to-speech program is not on this machine'),
  no_player: both('本机没有播放程序', 'the player is not on this machine'),
  no_sound: both('语音合成程序没有发出声音', 'the text-to-speech program made no sound'),
  speech_failed: both('语音合成程序出错', 'the text-to-speech program failed'),
  player_failed: both('播放程序出错', 'the player failed'),
  speaker_busy: both('扬声器正在播报更紧急的内容', 'the loudspeaker was busy with what is more urgent'),
  called_off: both('已被人停止', 'somebody has stopped it'),
  device_silent: both('设备没有回报', 'the device has not answered'),
  not_reached: both('连不上对方', 'they were not reached'),
  they_answered: both('对方回答了错误', 'they answered with an error'),
  they_refused: both('对方拒绝了', 'they refused it'),
  not_understood: both('对方的回答看不懂', 'their answer is not understood'),
  bad_secret: both('密钥文件读不出来，或者不对', 'a secret file cannot be read or is not right'),
  bad_request: both('按这些设置发不出请求', 'no request can be made with these settings'),
  no_cap: both('没有可发的 CAP 文档', 'there is no CAP document for this'),
  no_mobile: both('该力量没有人登记手机号', 'nobody of this unit has a mobile number'),
  no_email: both('该力量没有人登记邮箱', 'nobody of this unit has an e-mail address'),
  no_phone: both('该力量没有人的手机开启了推送', 'nobody of this unit has a phone that takes pushes'),
  phone_gone: both('手机上的推送已经取消', 'the phone takes pushes no more'),
  unknown_push_service: both('这个推送服务不在允许之列', 'this push service is not among the allowed ones')
} as const satisfies Record<string, Label>

const troubleBySentence = new Map<string, Label>(Object.values(troubles).map(label => [label.en, label]))
/** Why a call has not arrived, in a language: a sentence, and after a colon perhaps a code; words of others are shown as they are. */
export const sayTrouble = (why: string, locale: Locale): string => {
  const [, sentence = why, code = ''] = /^(.*?)(?:: (.*))?$/s.exec(why) ?? []
  const said = troubleBySentence.get(sentence)?.[locale]
  return said === undefined ? why : `${said}${code === '' ? '' : locale === 'zh-CN' ? `：${code}` : `: ${code}`}`
}

/** Why not. */
export const reasons = {
  no_such_incident: both('没有这个警情。', 'There is no such incident.'),
  no_such_action: both('没有这项对外动作。', 'There is no such public action.'),
  nothing_to_stop: both('这项动作没有在进行，没有可停止的。', 'That action is not going on; there is nothing to stop.'),
  second_person_needed: both('须由另一人再确认。', 'Another person has to confirm it too.'),
  no_such_alert: both('没有这条预警。', 'There is no such alert.'),
  no_such_device: both('没有这个设备。', 'There is no such device.'),
  ground_not_fixed: both(
    '这些点定不出地面：至少四个点，不能在一条直线上。',
    'These points fix no ground: it takes four that do not lie on one line.'
  ),
  outline_without_ground: both('先标定地面，再画区域边界。', 'The ground has to be calibrated before an outline lies on it.'),
  outline_crosses_itself: both('边界或遮挡不足三个点，或自己交叉。', 'An outline or mask has fewer than three points, or crosses itself.'),
  outline_too_small: both('区域不足 1 平方米：检查米数。', 'A zone is smaller than 1 m²: check the metres.'),
  nothing_counted: both('没有点过的画面。', 'No picture was counted.'),
  nothing_to_undo: both('没有可撤回的：现在就是 station.yaml 的内容。', 'There is nothing to take back: it is what station.yaml says.'),
  still_is_gone: both(
    '这张画面已不能用（超过两小时，或模型已更换）：重新取一张。',
    'That picture can no longer be used (two hours have passed, or the model has changed): take another.'
  ),
  no_such_limit_proposal: both('没有这条建议，或它已改变：请刷新。', 'There is no such proposal, or it has changed: look again.'),
  not_tuned: both('这里没有采纳过学习到的界限。', 'No learned limit was taken over here.'),
  no_such_zone: both('没有这个区域。', 'There is no such zone.'),
  no_such_message: both('没有这一条消息。', 'There is no such message.'),
  no_such_unit: both('没有这支力量。', 'There is no such unit.'),
  no_such_profile: both('没有这种设备档案。', 'There is no such device profile.'),
  view_not_in_doubt: both(
    '只有被移动或被遮挡的摄像头才需要确认视野。',
    'Only the view of a camera that is moved or covered is to be confirmed.'
  ),
  no_such_camera: both('没有这个摄像头。', 'There is no such camera.'),
  device_exists: both('已有同名设备。', 'A device of that id is already enrolled.'),
  no_such_proposal: both('没有这个待接入的设备，或已经接入。', 'No such device waits to be let in, or it has been let in already.'),
  no_such_bridge: both('没有这个网桥。', 'There is no such bridge.'),
  topic_taken: both('这些主题属于站点或别的设备，不能由它使用。', 'These topics belong to the station or to another device.'),
  gives_nothing: both('它说的话里没有本站认识的量。', 'Nothing of what it says is a quantity of ours.'),
  limits_do_not_fit: both(
    '界限的个数要与规则一致，逐级升高，并在可能的范围之内。',
    'Limits have to be as many as the rule has, rising, and within what is possible.'
  ),
  limits_of_life: both(
    '气体、烟雾和火警的界限只有值班指挥长可以调得比规则高；调低不受此限。',
    'Only the duty commander may set limits of gas, smoke and fire above those of the rules; lower ones may be set.'
  ),
  no_client_authority: both(
    '站点没有设备证书的签发机构：先在 station.yaml 写明 mqtt.tls.client_ca_file。',
    'The station knows no authority for device certificates: name mqtt.tls.client_ca_file in station.yaml first.'
  ),
  no_credential: both(
    '它通过网桥说话，没有自己的凭据：请操作网桥。',
    'It speaks through a bridge and has no credential of its own: act on the bridge.'
  ),
  credential_in_file: both(
    '它的密码在 station.yaml 所写的文件里：改那个文件并重启。',
    'Its password lies in a file that station.yaml names: change that file and restart.'
  ),
  device_in_file: both('它写在 station.yaml 里：在那里修改。', 'It stands in station.yaml: change it there.'),
  others_behind_it: both('还有设备通过它说话：先移除它们。', 'Other devices speak through it: remove them first.'),
  already_closed: both('已经关闭。', 'It is already closed.'),
  already_answered: both('已经签收过了。', 'It has been answered already.'),
  already_asked: both('已经通知过了。', 'They have been asked already.'),
  not_asked: both('没有通知这支力量，不能由它签收。', 'This unit was not asked, so it cannot answer.'),
  not_your_unit: both('您不属于这支力量。', 'You are not a member of this unit.'),
  not_a_response: both('不能改回待签收。', 'A response cannot go back to asked.'),
  reason_missing: both('请填写理由。', 'Please give a reason.'),
  nobody_is_silent: both('各单位都已签收。', 'Everyone needed has answered.'),
  nobody_left_to_ask: both('没有可以再通知的力量。', 'Nobody is left to ask.'),
  not_acknowledged: both('请先签收，再确认处置。', 'Acknowledge it first, then confirm.'),
  red_is_never_shelved: both('红色预警不能搁置。', 'A red alert is never shelved.'),
  shelved_too_long: both('最长只能搁置 8 小时。', 'An alert may be shelved for 8 hours at most.'),
  not_shelved: both('没有被搁置。', 'It is not shelved.'),
  red_is_never_suppressed: both('红色预警不能被抑制。', 'A red alert is never suppressed.'),
  not_active: both('现在没有触发。', 'Its condition is not there now.'),
  still_active: both('条件仍然存在，不能复位。', 'Its condition is still there, so it cannot be reset.'),
  not_latched: both('这条预警不需要复位。', 'This alert does not latch and needs no reset.'),
  no_such_episode: both('没有这一次触发。', 'There is no such episode.'),
  window_is_over: both('维护时段已经结束。', 'The maintenance window is over.'),
  window_not_open: both('维护时段还没有开始。', 'The maintenance window has not begun.'),
  window_too_long: both('一次维护最长 12 小时。', 'A maintenance window lasts 12 hours at most.'),
  window_covers_nothing: both('请说明停用哪个区域或设备。', 'Say which zone or device is out of service.'),
  patrol_too_rare: both('替代巡逻间隔须在 1 至 60 分钟之间。', 'The standing-in patrol goes every 1 to 60 minutes.'),
  no_such_window: both('没有这个维护时段。', 'There is no such maintenance window.'),
  answer_missing: both('请回答其中之一。', 'Please answer one of these.'),
  nobody_is_sought: both('这起警情没有寻找的人。', 'Nobody is sought in this incident.'),
  no_description: both('没有描述，或已按期删除。', 'There is no description, or it has been erased in due time.'),
  receipt_missing: both('请先登记交接，再以“已移交”结案。', 'Write down the hand-over of the person first, then close it as handed over.'),
  already_handed_over: both('交接已经登记。', 'The hand-over has been written down already.'),
  no_such_task: both('没有这项任务。', 'There is no such task.'),
  deadline_is_over: both('时限已经过去。', 'The deadline has passed already.'),
  already_attached: both('这份材料已经登记。', 'This has been attached already.'),
  not_on_scene: both('这支力量不在现场。', 'This unit is not on scene.'),
  merge_with_itself: both('不能与自己合并。', 'An incident cannot be merged with itself.'),
  merged_away: both('已并入另一警情，请在那里继续。', 'It was merged into another incident; go on there.'),
  not_part_of_it: both('这条预警不属于该警情。', 'This alert is not part of the incident.'),
  drill_is_running: both('已有演练在进行。', 'An exercise is running already.'),
  something_real_is_red: both('现在有真实的红色警情，不能开始演练。', 'Something real is red now; no exercise begins.'),
  no_such_scenario: both('没有这个演练脚本。', 'There is no such scenario.'),
  no_such_drill: both('没有这次演练。', 'There is no such exercise.'),
  drill_is_not_real: both('演练与真实警情不能合并。', 'An exercise is never merged with what is real.'),
  not_closed: both('还没有结案。', 'It has not been closed.'),
  all_clear_missing: both(
    '红色警情须由两种职责的人先后解除，才能关闭。',
    'A red incident needs the all-clear of two people in two roles before it is closed.'
  ),
  second_role_needed: both('解除须由另一种职责的另一人给出。', 'The second all-clear must come from another person in another role.'),
  no_such_person: both('没有这个人。', 'There is no such person.'),
  no_such_change: both('没有这项勤务变更。', 'There is no such change of duty.'),
  change_is_over: both('这段时间已经过去。', 'That time has passed already.'),
  change_too_long: both('一次变更最长 31 天。', 'A change of duty lasts 31 days at most.'),
  too_many_changes: both('待执行的勤务变更太多。', 'Too many changes of duty are pending.'),
  already_away: both('这段时间已有同样的变更。', 'The same was already planned for some of that time.'),
  swap_with_itself: both('不能与自己换班。', 'A unit cannot stand in for itself.'),
  swap_with_another_agency: both(
    '只能由同一单位的力量代班：职权不能随班次转移。',
    'Only a unit of the same agency can stand in: powers do not change hands with a shift.'
  ),
  not_in_command: both('指挥权不在您手中。', 'You do not hold the command.'),
  already_in_command: both('指挥权已经在其手中。', 'They hold the command already.'),
  not_a_commander: both('对方不是值班指挥长。', 'They are not a duty commander.'),
  handover_under_way: both('已有一次交接在进行。', 'A hand-over is under way already.'),
  no_handover: both('没有进行中的交接。', 'No hand-over is under way.'),
  not_offered_to_you: both('这次交接不是交给您的。', 'This hand-over is not offered to you.'),
  not_read_back: both('对方还没有复述。', 'It has not been read back yet.'),
  read_back_incomplete: both('复述须包含每一起未结的红色警情。', 'The read-back must name every open red incident.'),
  power_missing: both('该单位没有这项职权。', 'This agency does not have the power for it.'),
  not_signed_in: both('请先登录。', 'Please sign in first.'),
  wrong_name_or_password: both('用户名或密码不对。', 'The name or the password is wrong.'),
  too_many_attempts: both('尝试太多次，请稍后再试。', 'Too many attempts; please wait and try again.'),
  may_not: both('您的职责不允许这样做。', 'Your role does not allow this.'),
  no_fresh_picture: both('没有 10 秒以内的画面。', 'There is no picture younger than 10 seconds.')
} as const satisfies Record<string, Label>

const dictionaries: Readonly<Record<string, Readonly<Record<string, Label | { readonly label: Label }>>>> = {
  quantity: quantities,
  order: orderKinds,
  action: actionStatuses,
  level: levels,
  agency: agencies,
  kind: incidentKinds,
  state: cameraStates,
  hazard: hazards,
  doubt: doubts,
  lost: { ...lost, ...cameraStates },
  outcome: outcomes,
  status: responseStatuses,
  role: roles,
  qualification: qualifications,
  stage: stages,
  use: uses,
  grade: grades,
  measure: measures,
  when: dayparts,
  day: weekdayNames
}

/** The name of a vocabulary word in a language; a word we do not know is shown as it is. */
export const nameOf = (dictionary: string, word: string, locale: Locale): string => {
  if (dictionary === 'signs') return signsNamed(word, locale)
  const words = dictionaries[dictionary]
  if (words === undefined || !Object.hasOwn(words, word)) return word
  const found = words[word]
  return found === undefined ? word : 'label' in found ? found.label[locale] : found[locale]
}

const signsNamed = (joined: string, locale: Locale): string =>
  listed(
    joined.split('+').map(sign => (Object.hasOwn(signs, sign) ? signs[sign as keyof typeof signs].label[locale] : sign)),
    locale
  )

export const fill = (text: string, values: Readonly<Record<string, string | number>>, locale: Locale): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    return value === undefined ? '' : typeof value === 'number' ? String(Math.round(value * 100) / 100) : nameOf(name, value, locale)
  })

export const say = ({ say: key, with: values }: Sentence, locale: Locale): string => fill(sentences[key][locale], values, locale)

/** Between the Chinese and the English half of a sentence that was made where no reader is known. */
export const between_languages = ' · '
export const inLanguage = (said: string, locale: Locale): string => {
  const [zh, ...en] = said.split(between_languages)
  return locale === 'zh-CN' || en.length === 0 ? (zh ?? said) : en.join(between_languages)
}

export const sayReason = (reason: keyof typeof reasons, locale: Locale): string => reasons[reason][locale]
