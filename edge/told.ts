/**
 * What other systems hear over MQTT, below `station/<id>/`: status, readings, zones, alerts, incidents, in the shapes of
 * the HTTP API. Readings are said only while such a system listens: nobody should pay for words that nobody hears.
 */
import type { Alert } from './domain/alert.ts'
import type { Incident } from './domain/incident.ts'
import type { Reading } from './domain/reading.ts'
import type { ZoneNow } from './domain/zone.ts'
import type { Told } from './duty.ts'
import type { Desk } from './ports.ts'

type Publish = (topic: string, payload: string, retain?: boolean) => void

export const openTold = (station: string, machines: boolean) => {
  let publish: Publish | undefined
  let listening = false
  let letGo = 0
  const names = new Set<string>()
  const online = new Set<string>()
  const topic = (...parts: readonly string[]): string => ['station', station, ...parts].join('/')
  const speak = (to: string, what: unknown, retain = false): void => {
    if (publish === undefined) letGo++
    else publish(to, what === undefined ? '' : JSON.stringify(what), retain)
  }
  const alertSaid = (alert: Alert): void => speak(topic('alerts', alert.id), alert.phase === 'closed' ? undefined : alert, true)
  const tell: Told = {
    reading: (reading: Reading) => {
      if (listening) speak(topic('readings', reading.device, reading.quantity), { ...reading, at: new Date(reading.at).toISOString() })
    },
    zone: (zone: ZoneNow) => speak(topic('zones', zone.id), zone, true),
    alert: alertSaid,
    incident: (incident: Incident) => speak(topic('incidents', incident.id), incident)
  }
  return {
    tell: machines ? tell : {},
    letGo: () => letGo,
    began: (principal: string, isOnline: boolean): void => {
      if (isOnline) online.add(principal)
      else online.delete(principal)
      listening = [...names].some(name => online.has(name))
    },
    /** From here on it has a voice; what is true now is said at once. */
    speak: (
      voice: Publish,
      desk: Pick<Desk, 'alerts' | 'zones'>,
      listeners: readonly string[],
      isOnline: (name: string) => boolean
    ): void => {
      publish = voice
      letGo = 0
      for (const name of listeners) names.add(name)
      listening = listeners.some(isOnline)
      publish(topic('status'), 'online', true)
      if (!machines) return
      for (const zone of desk.zones()) tell.zone(zone)
      for (const alert of desk.alerts()) if (alert.phase === 'open') alertSaid(alert)
    },
    close: (): void => publish?.(topic('status'), 'offline', true)
  }
}
