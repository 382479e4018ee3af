/** Asks the station over HTTP, in the language of the screen. A refusal comes back as the station's own sentence. */
import { locale } from './kit/i18n.ts'
import { t } from './words/index.ts'

export type Answer<Data> = { readonly data: Data; readonly pending: boolean } | { readonly problem: string; readonly status: number }

/** Hex of 16 random bytes; `crypto.randomUUID` does not exist on a station's plain-HTTP address. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')

export const ask = async <Data>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  key?: string
): Promise<Answer<Data>> => {
  let answer: Response
  try {
    answer = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        'accept-language': locale.value,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(method !== 'GET' && { 'idempotency-key': key ?? newKey() })
      },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
  } catch {
    // The network is away; the person may tap again, and the same key makes that one tap.
    return { problem: t('failed'), status: 0 }
  }
  const data: unknown = answer.status === 204 ? undefined : await answer.json().catch(() => undefined)
  if (answer.ok) return { data: data as Data, pending: answer.headers.get('qianshao-kept') === 'pending' }
  const { detail, code, missing = [] } = (data ?? {}) as { detail?: string; code?: string; missing?: readonly string[] }
  // Whose power it is instead is a sentence; elsewhere what is missing are ids, which the screen knows how to show.
  const why = code === 'power_missing' ? missing : []
  return { problem: [detail ?? t('failed'), ...why].join(' '), status: answer.status }
}
