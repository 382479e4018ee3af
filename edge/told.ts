/**
 * What other systems hear over MQTT, below `station/<id>/`: status, readings, zones, alerts, incidents, in the shapes and
 * the language of the HTTP API. It is said only while such a system listens: nobody should pay for words that nobody hears;
 * what is retained is brought up to date when one begins to listen.
 */
import type { Presenter } from './console/present.ts'
import type { Alert } from './domain/alert.ts'
import type { Told } from './duty.ts'
import type { Desk } from './ports.ts'

type Voice = {
  readonly publish: (topic: string, payload: string, retain?: boolean) => void
  readonly desk: Pick<Desk, 'alerts' | 'zones' | 'station'>
  readonly present: Presenter
  readonly isOnline: (name: string) => boolean
}

/** `listeners` are the names of the machine accounts. */
export const openTold = (station: string, listeners: readonly string[]) => {
  let voice: Voice | undefined
  let listening = false
  const topic = (...parts: readonly string[]): string => ['station', station, ...parts].join('/')
  const say = (make: (voice: Voice) => readonly [to: string, what: unknown, retain: boolean]): void => {
    if (voice === undefined || !listening) return
    const [to, what, retain] = make(voice)
    voice.publish(to, what === undefined ? '' : JSON.stringify(what), retain)
  }
  const alertSaid = (alert: Alert): void =>
    say(({ present, desk }) => [
      topic('alerts', alert.id),
      alert.phase === 'closed' ? undefined : present.alert(alert, desk.station.locale),
      true
    ])
  const tell: Told = {
    reading: reading =>
      say(({ present, desk }) => [
        topic('readings', reading.device, reading.quantity),
        present.reading(reading, desk.station.locale),
        false
      ]),
    zone: zone => say(({ present, desk }) => [topic('zones', zone.id), present.zone(zone, desk.station.locale), true]),
    alert: alertSaid,
    incident: incident =>
      say(({ present, desk }) => [topic('incidents', incident.id), present.incident(incident, desk.station.locale), false])
  }
  const bringUpToDate = (): void => {
    for (const zone of voice?.desk.zones() ?? []) tell.zone(zone)
    for (const alert of voice?.desk.alerts() ?? []) alertSaid(alert)
  }
  return {
    tell,
    /** A principal's first session began, or its last one ended. */
    began: (): void => {
      const before = listening
      listening = listeners.some(name => voice?.isOnline(name))
      if (listening && !before) bringUpToDate()
    },
    /** From here on it has a voice. */
    speak: (own: Voice): void => {
      voice = own
      own.publish(topic('status'), 'online', true)
      listening = listeners.some(own.isOnline)
      if (listening) bringUpToDate()
    },
    close: (): void => voice?.publish(topic('status'), 'offline', true)
  }
}
