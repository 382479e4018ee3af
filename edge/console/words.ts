/** What the console itself says when a request cannot be served, in both languages. Domain refusals have their own words (`edge/domain/words.ts`). */
import type { Label, Locale } from '../domain/vocabulary.ts'
import { fill } from '../domain/words.ts'

const both = (zh: string, en: string): Label => ({ 'zh-CN': zh, en })

/** The `code` of a problem that no rule of the domain knows. */
export const problems = {
  not_found: both('没有这个地址。', 'There is nothing at this address.'),
  not_valid: both('请求的内容不对：{what}', 'The request is not right: {what}'),
  not_json: both('请求正文不是正确的 JSON：{what}', 'The body is not proper JSON: {what}'),
  not_cap: both('不是可用的 CAP 1.2 消息：{what}', 'This is not a usable CAP 1.2 message: {what}'),
  too_large: both('请求正文超过 {limit} 字节。', 'The body is larger than {limit} bytes.'),
  wrong_media_type: both(
    '请求正文须是 application/json（CAP 消息用 application/cap+xml），不压缩。',
    'The body must be application/json (a CAP message application/cap+xml), not compressed.'
  ),
  foreign_origin: both('请求来自别的网站，已拒绝。', 'The request comes from another site and was refused.'),
  too_many_requests: both('请求太频繁，请稍后再试。', 'Too many requests; please wait a moment.'),
  too_many_screens: both('打开的屏幕太多，请稍后再试。', 'Too many screens are open; please try again later.'),
  key_used_otherwise: both('这个 Idempotency-Key 已用于另一个请求。', 'This Idempotency-Key was already used for a different request.'),
  no_picture: both('现在取不到画面：{why}', 'There is no picture just now: {why}'),
  upgrade_required: both('实时画面须以 WebSocket 打开。', 'Live pictures are opened as a WebSocket.'),
  too_many_viewers_of_camera: both(
    '已有 {limit} 人在看这个摄像头，请等一位离开。',
    '{limit} people already watch this camera; please wait until one leaves.'
  ),
  too_many_viewers: both(
    '本站已打开 {limit} 路实时画面，请等一路关闭。',
    '{limit} live pictures are open at this station; please wait until one ends.'
  ),
  left: both('实时画面已关闭。', 'The live picture is closed.'),
  time_is_up: both(
    '一次最多看 {minutes} 分钟，还需要请再打开。',
    'A look lasts {minutes} minutes at most; open it again if you still need it.'
  ),
  not_welcome: both('登录或权限已结束，实时画面已关闭。', 'Your sign-in or your right has ended, and the live picture with it.'),
  masks_astray: both(
    '摄像头视野已变，隐私遮罩对不上，实时画面不可看；请安装维护员核对。',
    'The camera looks elsewhere and its privacy masks no longer fit, so it cannot be watched; ask the installer to check it.'
  ),
  too_slow: both('网络太慢，跟不上实时画面。', 'The network is too slow for the live picture.'),
  station_closing: both('站点正在关闭。', 'The station is closing.'),
  our_fault: both('系统内部出错，已记录。', 'Something went wrong on our side; it has been logged.'),
  not_understood: both('看不懂这个请求。', 'The request could not be understood.')
} as const satisfies Record<string, Label>
export type ProblemCode = keyof typeof problems

/** What is wrong with one field, and what would be right. */
export const faults = {
  required: both('缺少 {name}', '{name} is missing'),
  unknown: both('不认识 {name}', '{name} is not known here'),
  type: both('应是{type}', 'must be {type}'),
  one_of: both('应是 {values} 之一', 'must be one of {values}'),
  shorter: both('至少 {limit} 个字符', 'must have at least {limit} characters'),
  longer: both('最多 {limit} 个字符', 'must have at most {limit} characters'),
  minimum: both('不能小于 {limit}', 'must not be under {limit}'),
  maximum: both('不能大于 {limit}', 'must not be over {limit}'),
  time: both('应是带时区的时间，例如 {example}', 'must be a time with its offset, for example {example}'),
  before: both('应早于 {name}', 'must be before {name}'),
  span: both('与 {name} 之间最长 {limit} 天', 'must be at most {limit} days before {name}'),
  shape: both('格式不对', 'has the wrong form'),
  deep: both('嵌套超过 {limit} 层', 'is nested deeper than {limit} levels'),
  not_finite: both('数字超出范围', 'holds a number beyond all range'),
  forbidden_name: both('不允许的字段名', 'holds a field name that is not allowed'),
  not_utf8: both('不是 UTF-8', 'is not UTF-8'),
  syntax: both('语法错误', 'has a syntax error'),
  doctype: both('不接受 DOCTYPE 和实体声明', 'must not hold a DOCTYPE or declare entities'),
  entity: both('用了没有声明的实体 {name}', 'uses the entity {name}, which is not declared'),
  not_alert: both('根元素应是 {name}', 'must be {name} at its root'),
  twice: both('{name} 只能有一个', 'may hold one {name} only'),
  no_spaces: both('不能含空白、逗号、<、&', 'must not hold white space, a comma, < or &'),
  cap_time: both('应是带偏移、不带 Z 的时间，例如 {example}', 'must be a time with its offset and without Z, for example {example}'),
  references: both('应是 sender,identifier,sent', 'must be sender,identifier,sent')
} as const satisfies Record<string, Label>
export type FaultCode = keyof typeof faults

export const types: Readonly<Record<string, Label>> = {
  string: both('文字', 'text'),
  number: both('数字', 'a number'),
  integer: both('整数', 'a whole number'),
  boolean: both('是或否', 'true or false'),
  object: both('对象', 'an object'),
  array: both('列表', 'a list')
}

type Values = Readonly<Record<string, string | number>>
export const sayProblem = (code: ProblemCode, values: Values, locale: Locale): string => fill(problems[code][locale], values, locale)
export const sayFault = (code: FaultCode, values: Values, locale: Locale): string =>
  // A type is a word of ours; `fill` only knows the vocabulary's.
  fill(
    faults[code][locale],
    { ...values, ...(typeof values.type === 'string' && { type: types[values.type]?.[locale] ?? values.type }) },
    locale
  )
