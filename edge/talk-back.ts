/**
 * What a pressed button hears back: at once that it was heard, then that somebody has answered and is on the way. Whoever
 * presses it in an emergency has nothing else that tells them so. A button that can show nothing itself has a lamp named for it.
 */
import { isPress } from './domain/danger.ts'
import type { Event } from './domain/event.ts'
import type { Incident } from './domain/incident.ts'
import type { Order } from './domain/orders.ts'
import type { Broker } from './ports.ts'
import type { State } from './state.ts'

const told = ['acknowledged', 'en_route', 'on_scene', 'done'] as const
const tone_s = 1
/** What is true for who presses while others come already. */
const coming = ['on_scene', 'en_route', 'acknowledged'] as const

/**
 * Gives what is to be called with every event. `devices/<id>/command` of the button says `{"heard":true}`, `{"status":"en_route"}` …;
 * its lamp is on when it was heard, blinks when somebody comes, and goes off when no press that it stands for is open; its sounder
 * gives a short tone when it was heard and when somebody is on the way.
 */
export const openTalkBack = (
  state: State,
  publish: Broker['publish'],
  besides: (button: string) => { readonly lamp?: string | undefined; readonly tone?: string | undefined },
  order: (device: string, order: Order) => void
): ((event: Event) => void) => {
  const say = (device: string, what: object): void => publish(`devices/${device}/command`, JSON.stringify(what))
  const show = (button: string, lamp: Order['state']): void => {
    const device = besides(button).lamp
    if (device !== undefined && (lamp !== 'off' || !isNeeded(device))) order(device, { kind: 'lamp', state: lamp })
  }
  const sound = (button: string): void => {
    const device = besides(button).tone
    if (device !== undefined) order(device, { kind: 'tone', state: 'on', for_s: tone_s })
  }
  /** Whatever kind the incident is of: a press may have been merged into a fight. */
  const buttonsOf = ({ id, alerts }: Incident): readonly string[] =>
    alerts.flatMap(one => {
      const alert = state.alerts.get(one)
      return alert !== undefined && isPress(alert) && alert.incident === id ? (alert.device ?? []) : []
    })
  const isNeeded = (lamp: string): boolean =>
    [...state.incidents.values()].some(one => one.phase === 'open' && buttonsOf(one).some(button => besides(button).lamp === lamp))
  const answerOf = (button: string, incident: string | undefined): void => {
    const { phase, drill, responses = {} } = state.incidents.get(incident ?? '') ?? {}
    const status = coming.find(one => Object.values(responses).some(response => response.status === one))
    if (phase !== 'open' || drill || status === undefined) return
    say(button, { status })
    show(button, 'blink')
  }

  return event => {
    if (event.type === 'device_alarmed' && event.quantity === 'button_pressed' && event.value > 0) {
      say(event.id, { heard: true })
      show(event.id, 'on')
      sound(event.id)
      const before = [...state.alerts.values()].find(one => one.device === event.id && one.phase === 'open' && isPress(one))
      answerOf(event.id, before?.incident)
    }
    if (event.type === 'alert_linked') {
      const alert = state.alerts.get(event.id)
      if (alert?.device !== undefined && isPress(alert)) answerOf(alert.device, event.incident)
    }
    if (event.type !== 'incident_response' && event.type !== 'incident_closed') return
    const incident = state.incidents.get(event.id)
    if (incident === undefined || incident.drill) return
    const status = event.type === 'incident_closed' ? 'closed' : told.find(one => one === event.status)
    if (status === undefined) return
    for (const button of buttonsOf(incident)) {
      say(button, { status })
      if (status === 'closed') show(button, 'off')
      else show(button, 'blink')
      if (status === 'en_route') sound(button)
    }
  }
}
