/** What a person does with an incident or an alert. The station's answer is shown, never a guess; a tap and its repeat share a key. */
import type { AlertShape, IncidentShape, ReportShape } from '../shapes.ts'
import { type Answer, ask, newKey } from './api.ts'
import { putAlert, putIncident } from './store.ts'
import { tell } from './toast.ts'
import { t } from './words/index.ts'

/** Keys of taps that have no answer yet: tapping again after a lost connection is still the same tap. */
const open = new Map<string, string>()

/** The answer of the station, or nothing: then the person has been told why. */
export const act = async <Data>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Data | undefined> => {
  const tap = `${method} ${path} ${JSON.stringify(body)}`
  const key = open.get(tap) ?? newKey()
  open.set(tap, key)
  const answer: Answer<Data> = await ask<Data>(method, path, body, key)
  if ('problem' in answer) {
    if (answer.status !== 0) open.delete(tap)
    tell(answer.problem, true)
    return undefined
  }
  open.delete(tap)
  if (answer.pending) tell(t('not_kept'))
  return answer.data
}

const then = async <Data>(answer: Promise<Data | undefined>, put: (data: Data) => void): Promise<boolean> => {
  const data = await answer
  if (data !== undefined) put(data)
  return data !== undefined
}

const incidentPath = (id: string, what: string): string => `/api/incidents/${encodeURIComponent(id)}/${what}`
const alertPath = (id: string, what: string): string => `/api/alerts/${encodeURIComponent(id)}/${what}`

export const onIncident = (id: string, what: string, body: unknown = {}): Promise<boolean> =>
  then(act<IncidentShape>('POST', incidentPath(id, what), body), putIncident)
export const putOnIncident = (id: string, what: string, body: unknown): Promise<boolean> =>
  then(act<IncidentShape>('PUT', incidentPath(id, what), body), putIncident)
export const cancelTask = (id: string, task: string): Promise<boolean> =>
  then(act<IncidentShape>('DELETE', incidentPath(id, `tasks/${encodeURIComponent(task)}`)), putIncident)
export const onAlert = (id: string, what: string, body: unknown = {}): Promise<boolean> =>
  then(act<AlertShape>('POST', alertPath(id, what), body), putAlert)
export const unshelve = (id: string): Promise<boolean> => then(act<AlertShape>('DELETE', alertPath(id, 'shelf')), putAlert)
export const openIncident = (body: unknown): Promise<boolean> => then(act<IncidentShape>('POST', '/api/incidents', body), putIncident)
export const sendReport = (body: unknown): Promise<ReportShape | undefined> => act<ReportShape>('POST', '/api/reports', body)
