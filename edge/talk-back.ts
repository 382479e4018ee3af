/**
 * What a pressed button hears back: at once that it was heard, then that somebody has answered and is on the way. Whoever
 * presses it in an emergency has nothing else that tells them so. A button that can show nothing itself has a lamp named for it.
 */
import type { Event } from './domain/event.ts'
import type { Order } from './domain/orders.ts'
import type { Broker } from './ports.ts'
import type { State } from './state.ts'

const told = ['acknowledged', 'en_route', 'on_scene', 'done'] as const

/**
 * Gives what is to be called with every event. `devices/<id>/command` of the button says `{"heard":true}`, `{"status":"en_route"}` …;
 * its lamp is on when it was heard, blinks when somebody comes, and goes off when no press that it stands for is open.
 */
export const openTalkBack = (
  state: State,
  publish: Broker['publish'],
  lampOf: (button: string) => string | undefined,
  order: (device: string, order: Order) => void
): ((event: Event) => void) => {
  const say = (device: string, what: object): void => publish(`devices/${device}/command`, JSON.stringify(what))
  const show = (button: string, lamp: Order['state']): void => {
    const device = lampOf(button)
    if (device !== undefined && (lamp !== 'off' || !isNeeded(device))) order(device, { kind: 'lamp', state: lamp })
  }
  const buttonsOf = (alerts: readonly string[]): readonly string[] => alerts.flatMap(id => state.alerts.get(id)?.device ?? [])
  const isNeeded = (lamp: string): boolean =>
    [...state.incidents.values()].some(
      ({ phase, kind, alerts }) => phase === 'open' && kind === 'panic' && buttonsOf(alerts).some(button => lampOf(button) === lamp)
    )

  return event => {
    if (event.type === 'device_alarmed' && event.quantity === 'button_pressed' && event.value > 0) {
      say(event.id, { heard: true })
      show(event.id, 'on')
    }
    if (event.type !== 'incident_response' && event.type !== 'incident_closed') return
    const incident = state.incidents.get(event.id)
    if (incident?.kind !== 'panic' || incident.drill) return
    const status = event.type === 'incident_closed' ? 'closed' : told.find(one => one === event.status)
    if (status === undefined) return
    for (const button of buttonsOf(incident.alerts)) {
      say(button, { status })
      if (status === 'closed') show(button, 'off')
      else show(button, 'blink')
    }
  }
}
