/**
 * One HTTP request of a channel: bounded in time and size, never redirected, and its failures told without a secret.
 * Vendors put tokens into addresses and repeat requests in their answers, so nothing of either but a code is ever repeated.
 */
import { type IncomingMessage, request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { troubles } from '../domain/words.ts'
import type { Means, Sent } from './channel.ts'

export type Failure = Extract<Sent, { failed: string }>
export type Answer = { readonly status: number; readonly text: string; readonly after_ms?: number }
export type Request = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** Who has signed the certificate of a server that is not on the internet (PEM). */
  readonly ca?: string
}

/** Of an answer this much is read; the rest is not waited for. */
const answer_bytes = 16_384
const longest_wait_ms = 3_600_000
/** Vendors count by the minute. */
const too_many_wait_ms = 20_000
export const json_type = 'application/json; charset=utf-8'

/** Not by fetch: it follows the system's keep-alive pool over a changed network, refuses some ports, and knows no authority of ours. */
export const post = (
  url: string,
  { method = 'POST', headers = {}, body = '', ca }: Request,
  signal: AbortSignal
): Promise<Answer | Failure> =>
  new Promise(resolve => {
    const failed = ({ code, name }: NodeJS.ErrnoException): void =>
      resolve({ failed: signal.aborted ? troubles.no_answer.en : `${troubles.not_reached.en}: ${code ?? name}`, retry: true })
    const answered = (answer: IncomingMessage): void => {
      const parts: Buffer[] = []
      let bytes = 0
      const done = (): void => {
        const text = Buffer.concat(parts).subarray(0, answer_bytes).toString('utf8')
        const after_ms = waitOf(answer.headers)
        resolve({ status: answer.statusCode ?? 0, text, ...(after_ms !== undefined && { after_ms }) })
      }
      answer.on('data', (part: Buffer) => {
        parts.push(part)
        bytes += part.length
        if (bytes < answer_bytes) return
        done()
        answer.destroy()
      })
      answer.on('error', failed)
      answer.on('end', done)
    }
    try {
      const bytes = Buffer.from(body)
      const options = {
        method,
        signal,
        agent: false as const,
        headers: { 'content-type': json_type, ...headers, ...(method !== 'GET' && { 'content-length': bytes.length }) }
      }
      const address = new URL(url)
      const asked =
        address.protocol === 'https:'
          ? secure(address, { ...options, ...(ca !== undefined && { ca }) }, answered)
          : plain(address, options, answered)
      asked.on('error', failed)
      asked.end(method === 'GET' ? undefined : bytes)
    } catch (error) {
      // An address or a header that cannot be: a secret file with a line break in its middle, say.
      resolve({ failed: `${troubles.bad_request.en}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`, retry: false })
    }
  })

/** What the status alone says: nothing when it went well. Too many and broken is for now, everything else is for good. */
export const failureOf = (posted: Answer | Failure): Failure | undefined => {
  if ('failed' in posted) return posted
  const { status, after_ms } = posted
  if (status >= 200 && status < 300) return undefined
  const retry = status >= 500 || status === 408 || status === 425 || status === 429
  return { failed: `${troubles.they_answered.en}: ${status}`, retry, ...(retry && after_ms !== undefined && { after_ms }) }
}

/** What a vendor says in JSON with a code of its own, at whatever status: 0 is well, some codes mean later, all others mean never. */
export const byCode = (posted: Answer | Failure, key: 'errcode' | 'code', later: readonly number[]): Sent => {
  if ('failed' in posted) return posted
  const code = codeOf(posted.text, key)
  const { after_ms = too_many_wait_ms } = posted
  // 飞书 says its “too many” with status 400, so the code is looked at first.
  if (code !== undefined && later.includes(code)) return { failed: `${troubles.they_refused.en}: ${key} ${code}`, retry: true, after_ms }
  const failure = failureOf(posted)
  if (code === undefined) return failure ?? { failed: troubles.not_understood.en, retry: true }
  if (failure?.retry) return failure
  return code === 0 && failure === undefined ? { receipt: 'sent' } : { failed: `${troubles.they_refused.en}: ${key} ${code}`, retry: false }
}

const codeOf = (text: string, key: string): number | undefined => {
  try {
    const code: unknown = Object(JSON.parse(text))[key]
    return typeof code === 'number' && Number.isSafeInteger(code) ? code : undefined
  } catch {
    return undefined
  }
}

/** `Retry-After` in seconds or as a date, which is held against the answer's own: its clock may not be ours. */
const waitOf = ({ 'retry-after': after, date }: IncomingMessage['headers']): number | undefined => {
  if (after === undefined) return undefined
  const wait_ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.parse(date ?? '')
  return Number.isNaN(wait_ms) ? undefined : Math.min(Math.max(wait_ms, 0), longest_wait_ms)
}

/** The texts of secret files, read anew at each use: one that was changed is used at once, one that is gone calls nobody wrongly. */
export const secretsOf = <Files extends Readonly<Record<string, string>>>(
  secret: Means['secret'],
  files: Files
): { readonly texts: { readonly [Name in keyof Files]: string } } | Failure => {
  const texts: Record<string, string> = {}
  for (const [name, file] of Object.entries(files)) {
    try {
      texts[name] = secret(file)
    } catch (error) {
      return { failed: `${troubles.bad_secret.en}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`, retry: true }
    }
    if (texts[name] === '') return { failed: troubles.bad_secret.en, retry: true }
  }
  return { texts: texts as { readonly [Name in keyof Files]: string } }
}
/** Whether the secrets are there, for `well`. */
export const secretsMissing = async (secret: Means['secret'], files: Readonly<Record<string, string>>): Promise<string | undefined> => {
  const read = secretsOf(secret, files)
  return 'failed' in read ? read.failed : undefined
}
