/**
 * What FFmpeg complains about, bounded and without secrets. A quarter percent of damaged bytes is 216 lines in 12 s [faults 2.5],
 * and a wrong password is printed in full: so only the last few lines are held, redacted, and one sentence is made of them.
 */
import type { Readable } from 'node:stream'
import { sentence } from './sentence.ts'
import type { Size } from './view.ts'

const kept_lines = 12
const longest_line = 300

/**
 * `size` is called with the size of the camera's own picture: when FFmpeg opens it, and where each picture is told of (`showinfo`)
 * whenever it changes. `timed` is called for each of those pictures with the time on it.
 */
export const stderrTail = (
  stream: Readable | null,
  secret: string | undefined,
  size: (source: Size) => void,
  timed: (shown_s: number) => void = () => {}
): { readonly lines: () => readonly string[] } => {
  const lines: string[] = []
  let rest = ''
  let sized = ''
  const resized = (wide: string | undefined, high: string | undefined): void => {
    if (wide === undefined || high === undefined || sized === `${wide}x${high}`) return
    sized = `${wide}x${high}`
    size({ width: Number(wide), height: Number(high) })
  }
  const hear = (line: string): void => {
    const [, shown_s, its_wide, its_high] = / pts_time:(-?[\d.]+) .* s:(\d{2,5})x(\d{2,5}) /.exec(line) ?? []
    if (shown_s !== undefined) {
      resized(its_wide, its_high)
      timed(Number(shown_s))
      return
    }
    const [, wide, high] = (sized !== '' ? undefined : /Stream #0:\d.*: Video: .*?[ ,](\d{2,5})x(\d{2,5})/.exec(line)) ?? []
    resized(wide, high)
    // What FFmpeg tells besides is not a reason for anything.
    if (/^(\[[^\]]*\] )?\[info\]/.test(line)) return
    lines.push(redact(line, secret).slice(0, longest_line))
    lines.splice(0, Math.max(0, lines.length - kept_lines))
  }
  stream?.setEncoding('utf8')
  stream?.on('data', (chunk: string) => {
    const parts = (rest + chunk).split(/[\r\n]+/)
    rest = (parts.pop() ?? '').slice(-longest_line)
    for (const part of parts) if (part.trim() !== '') hear(part)
  })
  return { lines: () => lines }
}

export const redact = (text: string, secret: string | undefined): string => {
  const plain = text.replace(/(\w+:\/\/)[^\s/@']*@/g, '$1')
  if (secret === undefined || secret === '') return plain
  return plain.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***')
}

/** Shared with the HTTP cameras, because after this answer a camera is asked rarely: many lock an account after five attempts. */
export const password_refused = sentence('摄像头拒绝了用户名或密码', 'the camera refuses the user name or the password')

const known: readonly (readonly [RegExp, string, string])[] = [
  [/403 Forbidden/i, '摄像头拒绝访问', 'the camera forbids access'],
  [/404 (Stream )?Not Found/i, '摄像头没有这个画面路径（404）', 'the camera has no such stream (404)'],
  [/Connection refused/i, '连接被拒绝，摄像头服务没有运行', 'connection refused: nothing listens at that address'],
  [/timed out|Operation timed out/i, '摄像头没有回应（超时）', 'the camera does not answer in time'],
  [/No route to host|Network is unreachable/i, '网络不通', 'there is no way to that address'],
  [/Connection reset|Broken pipe/i, '摄像头断开了连接', 'the camera broke the connection'],
  [/No such file/i, '文件不存在', 'there is no such file'],
  [/not whitelisted|whitelist/i, '内容指向不允许的地址', 'it points to something that may not be read'],
  [
    /Invalid data found|moov atom not found|does not contain any stream|could not find codec|error while decoding/i,
    '不是可识别的视频',
    'what it sends is no video that can be read'
  ]
]

/** One sentence for a person. The last resort quotes FFmpeg's own last word. */
export const explain = (lines: readonly string[], signal?: string, code?: number): string => {
  if (signal !== undefined) return sentence(`FFmpeg 被终止（${signal}）`, `FFmpeg was ended by ${signal}`)
  const text = lines.join('\n')
  if (/401 Unauthorized|authorization failed/i.test(text)) return password_refused
  for (const [pattern, zh, en] of known) if (pattern.test(text)) return sentence(zh, en)
  const last = lines.findLast(line => /error|fatal/.test(line))?.replace(/\[[^\]]*\] */g, '')
  if (last !== undefined) return sentence('FFmpeg 报告错误', `FFmpeg says: ${last}`)
  return sentence('画面结束', code === undefined || code === 0 ? 'the stream ended' : `FFmpeg ended with code ${code}`)
}
