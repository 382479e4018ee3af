/**
 * What a pressed button hears back: at once that it was heard, then that somebody has answered and is on the way. Whoever
 * presses it in an emergency has nothing else that tells them so.
 */
import type { Event } from './domain/event.ts'
import type { Broker } from './ports.ts'
import type { State } from './state.ts'

const told = ['acknowledged', 'en_route', 'on_scene', 'done'] as const

/** Gives what is to be called with every event; `devices/<id>/command` of the button then says `{"heard":true}`, `{"status":"en_route"}` … */
export const openTalkBack =
  (state: State, publish: Broker['publish']) =>
  (event: Event): void => {
    const say = (device: string, what: object): void => publish(`devices/${device}/command`, JSON.stringify(what))
    if (event.type === 'device_alarmed' && event.quantity === 'button_pressed' && event.value > 0) say(event.id, { heard: true })
    if (event.type !== 'incident_response' && event.type !== 'incident_closed') return
    const incident = state.incidents.get(event.id)
    if (incident?.kind !== 'panic' || incident.drill) return
    const status = event.type === 'incident_closed' ? 'closed' : told.find(one => one === event.status)
    if (status === undefined) return
    for (const id of incident.alerts) {
      const device = state.alerts.get(id)?.device
      if (device !== undefined) say(device, { status })
    }
  }
