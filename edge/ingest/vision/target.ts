/**
 * Where a network camera really is. Its name is looked up here and checked once more, and the checked address is what is
 * connected to, so that a name cannot lead to a forbidden place after the config was read [F60].
 */
import { lookup } from 'node:dns/promises'
import { isIP, isIPv6 } from 'node:net'
import { sentence } from './sentence.ts'
import { forbiddenAddress, hostOf, parseNetworkUrl } from './url.ts'

export type Address = { readonly address: string; readonly family: number }

export const resolveHost = async (host: string): Promise<Address | { readonly refused: string }> => {
  const found = isIP(host) === 0 ? await lookup(host).catch(() => undefined) : { address: host, family: isIP(host) }
  if (found === undefined) return { refused: sentence(`找不到主机 ${host}`, `no address is known for ${host}`) }
  const forbidden = forbiddenAddress(found.address)
  return forbidden === undefined ? found : { refused: forbidden }
}

/** The RTSP address with its credential, for FFmpeg's standard input only. TLS keeps the name, which its certificate is checked by. */
export const networkTarget = async (url: string, password: string | undefined): Promise<string | { readonly refused: string }> => {
  const scheme = url.slice(0, url.indexOf(':')).toLowerCase()
  const parsed = parseNetworkUrl(url)
  if (parsed === undefined) return { refused: sentence('地址写法有误', 'this is not a whole address') }
  const host = await resolveHost(hostOf(parsed))
  if ('refused' in host) return host
  const name = scheme === 'rtsps' ? parsed.hostname : isIPv6(host.address) ? `[${host.address}]` : host.address
  const user = parsed.username === '' ? '' : `${parsed.username}${password === undefined ? '' : `:${encodeURIComponent(password)}`}@`
  const port = parsed.port === '' ? portInText(url) : parsed.port
  // A quote would end the file name inside the playlist.
  return `${scheme}://${user}${name}${port === '' ? '' : `:${port}`}${parsed.pathname}${parsed.search}`.replaceAll("'", '%27')
}

/** The URL standard drops :80 as http's own, but 80 is not RTSP's. */
const portInText = (url: string): string => (/^[a-z]+:\/\/[^/?#]*:80(?=[/?#]|$)/i.test(url) ? '80' : '')
