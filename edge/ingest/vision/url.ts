/**
 * Which addresses a camera may have. FFmpeg and HTTP clients read whatever they are given: /etc/passwd by `file:`, internal
 * pages by a playlist, cloud credentials from a metadata address [faults 1.13, F60]; so only what a camera needs is let through,
 * and everything else is refused with its reason, here for the config and the API, and again where the connection is made.
 */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { sentence } from './sentence.ts'

export type CameraKind = 'rtsp' | 'http' | 'file'
export type CheckedUrl = { readonly ok: true; readonly kind: CameraKind } | { readonly refused: string }

const longest_url = 2048

export const checkCameraUrl = (url: string): CheckedUrl => {
  if (url.trim() === '') return { refused: sentence('摄像头地址为空', 'the camera has no address') }
  if (url.length > longest_url) return { refused: sentence('摄像头地址过长', `a camera address has at most ${longest_url} characters`) }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(url))
    return { refused: sentence('摄像头地址含有控制字符', 'the camera address holds control characters') }
  if (url.startsWith('-'))
    return { refused: sentence('摄像头地址以“-”开头，像命令选项', 'the camera address begins with "-" like an option') }
  if (url.includes('|'))
    return { refused: sentence('摄像头地址含有“|”', 'the camera address holds "|", which some readers run as a command') }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) return playlist.test(url) ? refusePlaylist : { ok: true, kind: 'file' }
  const kind = schemes[scheme]
  if (kind === undefined)
    return { refused: sentence(`不支持 ${scheme}: 地址，${what_is_read_zh}`, `${scheme}: is not read; ${what_is_read}`) }
  return checkNetwork(url, scheme, kind)
}

const schemes: Readonly<Record<string, CameraKind>> = { rtsp: 'rtsp', rtsps: 'rtsp', http: 'http', https: 'http' }
const what_is_read = 'a camera is rtsp://, rtsps://, http://, https:// or the plain path of a recording'
const what_is_read_zh = '可用 rtsp://、rtsps://、http://、https:// 或录像文件路径'
const playlist = /\.(m3u8?|pls|mpd|sdp|ffconcat|ism|xspf|asx)$/i
const refusePlaylist: CheckedUrl = {
  refused: sentence('不读取播放列表（HLS 等），它会指向别处', 'playlists (HLS and the like) are not read: they point elsewhere')
}

/** Parsed as http because only there does the URL standard unmask 2852039166 and 0xa9fea9fe as 169.254.169.254. */
export const parseNetworkUrl = (url: string): URL | undefined => {
  const rest = /^[a-z]+:\/\/(.+)$/i.exec(url)?.[1]
  if (rest === undefined) return undefined
  return URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined
}

const checkNetwork = (url: string, scheme: string, kind: CameraKind): CheckedUrl => {
  const parsed = parseNetworkUrl(url)
  if (parsed === undefined) return { refused: sentence(`${scheme} 地址写法有误`, `this is not a whole ${scheme}:// address`) }
  if (parsed.password !== '')
    return { refused: sentence('密码不能写在地址里，请用 password_file', 'the password stands in the address; put it into password_file') }
  if (playlist.test(parsed.pathname)) return refusePlaylist
  const forbidden = forbiddenAddress(hostOf(parsed))
  return forbidden === undefined ? { ok: true, kind } : { refused: forbidden }
}

export const hostOf = (parsed: URL): string => parsed.hostname.replace(/^\[|\]$/g, '')

const never = new BlockList()
never.addSubnet('0.0.0.0', 8)
never.addSubnet('169.254.0.0', 16)
never.addSubnet('224.0.0.0', 4)
never.addSubnet('240.0.0.0', 4)
never.addAddress('100.100.100.200')
never.addAddress('::', 'ipv6')
never.addSubnet('fe80::', 10, 'ipv6')
never.addSubnet('ff00::', 8, 'ipv6')
never.addAddress('fd00:ec2::254', 'ipv6')
const metadataNames = new Set(['metadata', 'metadata.google.internal', 'instance-data', 'instance-data.ec2.internal'])

/**
 * Why a host may not be a camera. Private networks and loopback are where cameras and their recorders live and are open;
 * link-local, metadata, multicast and nowhere are not. Called again with what a name resolves to, so that a name cannot lead there.
 */
export const forbiddenAddress = (host: string): string | undefined => {
  const mapped = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i.exec(host)
  if (mapped !== null) return forbiddenAddress(mapped[1] ?? dotted(mapped[2] ?? '0', mapped[3] ?? '0'))
  const refused =
    isIP(host) === 0 ? metadataNames.has(host.toLowerCase().replace(/\.$/, '')) : never.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
  return refused
    ? sentence(
        `${host} 不是摄像头地址（链路本地、元数据或组播地址）`,
        `${host} is a link-local, metadata or multicast address, never a camera`
      )
    : undefined
}

const dotted = (high: string, low: string): string => {
  const [h, l] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [h >> 8, h & 255, l >> 8, l & 255].join('.')
}
