/**
 * One HTTP request of a channel: bounded in time and size, never redirected, and its failures told without a secret.
 * Vendors put tokens into addresses, so nothing of an address but its host is ever repeated.
 */
import type { Sent } from './channel.ts'

export type Posted = { readonly status: number; readonly text: string; readonly after_ms?: number } | Extract<Sent, { failed: string }>

const answer_bytes = 16_384

export const post = async (
  url: string,
  request: { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
  signal: AbortSignal
): Promise<Posted> => {
  const { host } = new URL(url)
  try {
    const { method = 'POST', headers = { 'content-type': 'application/json; charset=utf-8' }, body } = request
    const answer = await fetch(url, { method, headers, signal, redirect: 'manual', ...(body !== undefined && { body }) })
    const text = await start(answer)
    const after_ms = waitOf(answer.headers.get('retry-after'))
    if (answer.status === 429 || answer.status >= 500)
      return { failed: `${host} answered ${answer.status}`, retry: true, ...(after_ms !== undefined && { after_ms }) }
    if (answer.status >= 300) return { failed: `${host} answered ${answer.status}`, retry: false }
    return { status: answer.status, text }
  } catch (error) {
    const { cause, name } = error as { cause?: { code?: string }; name: string }
    return { failed: `${host}: ${cause?.code ?? (name === 'TypeError' ? 'no connection' : name)}`, retry: true }
  }
}

/** What a vendor answers in JSON with a code of its own: 0 is well, some codes mean later, all others mean never. */
export const byCode = (posted: Posted, name: string, key: 'errcode' | 'code', later: readonly number[]): Sent => {
  if ('failed' in posted) return posted
  let code: unknown
  try {
    code = (JSON.parse(posted.text) as Record<string, unknown>)[key]
  } catch {
    return { failed: `${name} answered something that is no JSON`, retry: true }
  }
  if (code === 0) return { receipt: 'sent' }
  return {
    failed: `${name} refused with ${key} ${typeof code === 'number' ? code : 'unknown'}`,
    retry: later.includes(Number(code)),
    ...(later.includes(Number(code)) && { after_ms: 20_000 })
  }
}

const start = async (answer: Response): Promise<string> => {
  const reader = answer.body?.getReader()
  const parts: Uint8Array[] = []
  let bytes = 0
  while (reader !== undefined && bytes < answer_bytes) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(value)
    bytes += value.length
  }
  await reader?.cancel()
  return Buffer.concat(parts).subarray(0, answer_bytes).toString('utf8')
}

const waitOf = (header: string | null): number | undefined => {
  if (header === null) return undefined
  const seconds = Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3600) * 1000 : undefined
}
