/** Asks the cloud over HTTP, in the language of the screen. A refusal comes back as the cloud's own sentence. */
import { locale } from '../../edge/console/screen/kit/i18n.ts'
import { t } from './words.ts'

export type Answer<Data> = { readonly data: Data } | { readonly problem: string; readonly status: number }

export const ask = async <Data>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer<Data>> => {
  let answer: Response
  try {
    answer = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        'accept-language': locale.value,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        // The cloud does a thing once per key; `crypto.randomUUID` does not exist on a plain-HTTP address.
        ...(method === 'POST' && { 'idempotency-key': crypto.getRandomValues(new Uint32Array(4)).join('-') })
      },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
  } catch {
    return { problem: t('failed'), status: 0 }
  }
  const data: unknown = answer.status === 204 ? undefined : await answer.json().catch(() => undefined)
  if (answer.ok) return { data: data as Data }
  return { problem: (data as { detail?: string } | undefined)?.detail ?? t('failed'), status: answer.status }
}
