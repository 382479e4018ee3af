/** What a person does with an incident or an alert. The station's answer is shown, never a guess; a tap and its repeat share a key. */
import type { AlertShape, IncidentShape } from '../shapes.ts'
import { type Answer, ask, newKey } from './api.ts'
import { putAlert, putIncident } from './store.ts'
import { tell } from './toast.ts'
import { t } from './words/index.ts'

/** Keys of taps that have no answer yet: tapping again after a lost connection is still the same tap. */
const open = new Map<string, string>()

const send = async <Data>(path: string, body: unknown, put: (data: Data) => void): Promise<boolean> => {
  const tap = `${path} ${JSON.stringify(body)}`
  const key = open.get(tap) ?? newKey()
  open.set(tap, key)
  const answer: Answer<Data> = await ask<Data>('POST', path, body, key)
  if ('problem' in answer) {
    if (answer.status !== 0) open.delete(tap)
    tell(answer.problem, true)
    return false
  }
  open.delete(tap)
  put(answer.data)
  if (answer.pending) tell(t('not_kept'))
  return true
}

export const onIncident = (id: string, what: string, body: unknown = {}): Promise<boolean> =>
  send<IncidentShape>(`/api/incidents/${encodeURIComponent(id)}/${what}`, body, putIncident)
export const onAlert = (id: string, what: string, body: unknown = {}): Promise<boolean> =>
  send<AlertShape>(`/api/alerts/${encodeURIComponent(id)}/${what}`, body, putAlert)
export const openIncident = (body: unknown): Promise<boolean> => send<IncidentShape>('/api/incidents', body, putIncident)
