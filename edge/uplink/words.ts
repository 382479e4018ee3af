/** Why the line to the cloud is as it is: one sentence each, in both languages. `{detail}` never holds a secret. */
import type { Label, Locale } from '../domain/vocabulary.ts'
import { fill } from '../domain/words.ts'

export const lineSentences = {
  connecting: { 'zh-CN': '正在连接云端', en: 'connecting to the cloud' },
  online: { 'zh-CN': '已连接云端', en: 'connected to the cloud' },
  unreachable: { 'zh-CN': '连不上云端（{detail}），正在重试', en: 'the cloud cannot be reached ({detail}); trying again' },
  refused: {
    'zh-CN': '云端不接受本站的用户名或密码（{detail}）；请检查密码文件，每分钟重试一次',
    en: 'the cloud refuses this station’s user name or password ({detail}); check the password file, tried again once a minute'
  },
  untrusted: { 'zh-CN': '云端的证书不可信（{detail}）', en: 'the certificate of the cloud is not trusted ({detail})' },
  lost: { 'zh-CN': '与云端的连接断开，正在重试', en: 'the connection to the cloud was lost; trying again' },
  no_answer: { 'zh-CN': '云端不应答，重新连接', en: 'the cloud does not answer; connecting anew' },
  not_kept: { 'zh-CN': '云端暂时不能保存（{detail}）', en: 'the cloud cannot keep what we send just now ({detail})' },
  ahead: {
    'zh-CN': '云端已有本站日志第 {detail} 条之后的记录，本地没有：日志是否由旧备份恢复？',
    en: 'the cloud knows entries after {detail} of this journal which we lack: was it restored from an old backup?'
  },
  closed: { 'zh-CN': '已停止', en: 'stopped' }
} as const satisfies Record<string, Label>
export type LineWord = keyof typeof lineSentences

export const sayLine = (word: LineWord, locale: Locale, detail = ''): string => fill(lineSentences[word][locale], { detail }, locale)
