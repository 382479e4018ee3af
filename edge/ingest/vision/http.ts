/**
 * Cameras that speak HTTP: a JPEG that is asked for again and again, or MJPEG that never ends; the content type says which.
 * Nothing is followed elsewhere (a redirect is refused), names are pinned to their checked address, and every size has an end.
 */
import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { setTimeout as after } from 'node:timers/promises'
import { authorization } from './http-auth.ts'
import type { CameraOrder } from './messages.ts'
import { partReader } from './multipart.ts'
import { most_bytes, pictureOpener } from './picture.ts'
import { sentence } from './sentence.ts'
import type { OpenSource } from './source.ts'
import { password_refused } from './stderr.ts'
import { type Address, resolveHost } from './target.ts'
import { hostOf } from './url.ts'

const answer_within_ms = 5_000

export const openHttp: OpenSource = (order, hands) => {
  const stop = new AbortController()
  const open = pictureOpener(hands)
  const run = async (): Promise<string> => {
    const url = new URL(order.url)
    const host = await resolveHost(hostOf(url))
    if ('refused' in host) return host.refused
    for (;;) {
      const began = performance.now()
      const response = await ask(order, url, host, stop.signal)
      const type = response.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
      const wrong = refusal(response, type)
      if (wrong !== undefined) {
        response.destroy()
        return wrong
      }
      if (type.startsWith('multipart/')) return await watch(response)
      await open(await whole(response))
      await after(Math.max(0, 1000 / hands.fps() - (performance.now() - began)), undefined, { signal: stop.signal })
    }
  }

  /** MJPEG: the newest part waits, the ones before it are let go unopened. */
  const watch = async (response: IncomingMessage): Promise<string> => {
    let newest: Uint8Array | undefined
    let opening = false
    let due = 0
    let broken: string | undefined
    let pending = Promise.resolve()
    const next = async (): Promise<void> => {
      if (opening || newest === undefined || performance.now() < due) return
      opening = true
      const bytes = newest
      newest = undefined
      due = performance.now() + 1000 / hands.fps() - 20
      await open(bytes).catch(cause => {
        broken = notAPicture((cause as Error).message)
        response.destroy()
      })
      opening = false
      await next()
    }
    const read = partReader(response.headers['content-type'] ?? '', most_bytes, part => {
      if (newest !== undefined) hands.skipped(1)
      newest = part
    })
    response.setTimeout(answer_within_ms * 2, () => response.destroy(new Error('timed out')))
    try {
      for await (const chunk of response) {
        const wrong = read(chunk as Uint8Array)
        if (wrong !== undefined) return wrong
        pending = next()
      }
    } catch (cause) {
      if (broken === undefined) throw cause
    }
    // The last picture is still being opened; it belongs to this stream.
    await pending
    return broken ?? sentence('摄像头结束了画面流', 'the camera ended its stream')
  }

  run().then(
    why => {
      if (!stop.signal.aborted) hands.ended(why)
    },
    cause => {
      if (!stop.signal.aborted) hands.ended(reason(cause as NodeJS.ErrnoException))
    }
  )
  return { stop: () => stop.abort() }
}

const ask = async (order: CameraOrder, url: URL, host: Address, signal: AbortSignal): Promise<IncomingMessage> => {
  const first = await once(order, url, host, signal, undefined)
  if (first.statusCode !== 401 || order.password === undefined) return first
  const header = authorization(first.headers['www-authenticate'], {
    method: 'GET',
    path: url.pathname + url.search,
    user: decodeURIComponent(url.username),
    password: order.password
  })
  if (header === undefined) return first
  first.destroy()
  return await once(order, url, host, signal, header)
}

const once = (order: CameraOrder, url: URL, host: Address, signal: AbortSignal, auth: string | undefined): Promise<IncomingMessage> =>
  new Promise((settle, fail) => {
    const options: RequestOptions = {
      host: host.address,
      family: host.family,
      port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port,
      path: url.pathname + url.search,
      headers: { host: url.host, accept: 'image/*, multipart/x-mixed-replace', ...(auth === undefined ? {} : { authorization: auth }) },
      agent: false,
      signal,
      timeout: answer_within_ms
    }
    const asked = url.protocol === 'https:' ? tlsRequest({ ...options, servername: hostOf(url) }, settle) : plainRequest(options, settle)
    asked.on('timeout', () => asked.destroy(new Error(`${order.id} timed out`)))
    asked.on('error', fail)
    asked.end()
  })

const refusal = (response: IncomingMessage, type: string): string | undefined => {
  const status = response.statusCode ?? 0
  if (status === 401) return password_refused
  if (status >= 300 && status < 400)
    return sentence(
      '摄像头转到别的地址，请直接填写最终地址',
      'the camera redirects elsewhere, which is not followed: give the final address'
    )
  if (status !== 200) return sentence(`摄像头回应 ${status}`, `the camera answers ${status}`)
  if (type.startsWith('image/') || type === 'multipart/x-mixed-replace') return undefined
  return sentence('摄像头返回的不是图片', `the camera answers ${type.slice(0, 60) || 'something without a type'}, not a picture`)
}

const whole = async (response: IncomingMessage): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let size = 0
  response.setTimeout(answer_within_ms, () => response.destroy(new Error('timed out')))
  for await (const chunk of response) {
    chunks.push(chunk as Uint8Array)
    size += (chunk as Uint8Array).length
    if (size > most_bytes) throw new Error(`a picture of more than ${most_bytes / 2 ** 20} MB`)
  }
  return Buffer.concat(chunks)
}

const notAPicture = (why: string): string =>
  sentence('图片已损坏或无法识别', `what it sends is no picture: ${why.split('\n', 1)[0]?.slice(0, 120)}`)

const reason = (cause: NodeJS.ErrnoException): string => {
  if (cause.code === 'ECONNREFUSED')
    return sentence('连接被拒绝，摄像头服务没有运行', 'connection refused: nothing listens at that address')
  if (cause.code === 'ECONNRESET') return sentence('摄像头断开了连接', 'the camera broke the connection')
  if (cause.message.includes('timed out')) return sentence('摄像头没有回应（超时）', 'the camera does not answer in time')
  if (cause.code?.startsWith('E') === true || cause.code?.includes('CERT') === true)
    return sentence('无法连接', `no connection: ${cause.code}`)
  return notAPicture(cause.message)
}
