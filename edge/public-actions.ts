/**
 * Sirens, signs and loudspeakers: proposed when an incident is bad enough for them, sent when people have confirmed, and followed
 * until the device has answered. Nothing public sounds by itself.
 */

import { isReached, type Occasion } from './domain/delivery.ts'
import type { Asked, Incident } from './domain/incident.ts'
import type { OrderKind } from './domain/orders.ts'
import { actionOf, type Became, isCalledOff, type PublicAction } from './domain/public-actions.ts'
import { isOld, isUnbelievable, type Reading } from './domain/reading.ts'
import { type Agency, type Quantity, rank, type Severity } from './domain/vocabulary.ts'
import { troubles } from './domain/words.ts'
import type { DutyRoom } from './duty.ts'
import type { Clock, Entry } from './ports.ts'

export type PublicChannel = {
  readonly id: string
  readonly kind: PublicAction['kind']
  readonly device?: string
  readonly persons: number
  readonly from?: Severity
  readonly agencies?: readonly Agency[]
  readonly units?: readonly string[]
  /** By which quantity the device answers that it is on; nothing where it cannot. */
  readonly answers?: Quantity
}
export const isPublic = (kind: OrderKind): kind is PublicAction['kind'] => kind === 'siren' || kind === 'sign' || kind === 'speech'

/** A device that has been told and says nothing for so long has not done it. */
const answers_within_ms = 10_000

export const openPublicActions = ({
  clock,
  duty,
  channels,
  call
}: {
  readonly clock: Clock
  readonly duty: Pick<DutyRoom, 'state' | 'desk'>
  readonly channels: readonly PublicChannel[]
  /** Sends over this channel alone. */
  readonly call: (incident: Incident, asked: readonly Asked[], occasion: Occasion, only: string) => void
}) => {
  const { state, desk } = duty
  const byId = new Map(channels.map(channel => [channel.id, channel]))
  const waiting = new Set<() => void>()
  /** Devices whose last word was that they are off: such a one has nothing new to say when it is told so. */
  const silent = new Set<string>()
  const became = (incident: string, action: string, status: Became, why?: string): void =>
    void desk.command(incident, { type: 'action_became', action, status, ...(why !== undefined && { why }) })

  const propose = (incident: Incident): void => {
    const asked = Object.values(incident.responses)
    for (const { id, kind, device, persons, from, agencies, units } of channels) {
      if (from !== undefined && rank(incident.severity) < rank(from)) continue
      if (!asked.some(({ unit, agency }) => (agencies?.includes(agency) ?? true) && (units?.includes(unit) ?? true))) continue
      desk.command(incident.id, { type: 'propose_action', action: { id, kind, persons, ...(device !== undefined && { device }) } })
    }
  }
  const send = (incident: Incident, action: string): void => call(incident, Object.values(incident.responses), 'asked', action)

  /** Nothing that never reached it has to be ended. What reaches it only now is ended then. */
  const stop = (incident: Incident, action: string): void => {
    const reached = [...state.pages.values()].some(
      page => page.incident === incident.id && page.channel === action && page.occasion !== 'over' && isReached(page)
    )
    if (reached) call(incident, Object.values(incident.responses), 'over', action)
    else became(incident.id, action, 'stopped')
  }

  /** It has been told; now it has to say so itself, if it can. */
  const expect = (
    incident: string,
    action: string,
    from: 'sent' | 'stopping',
    otherwise: 'failed' | 'not_stopped',
    since = clock.now()
  ): void => {
    const cancel = clock.wake(since + answers_within_ms, () => {
      waiting.delete(cancel)
      const now = state.incidents.get(incident)
      if (now && actionOf(now, action)?.status === from) became(incident, action, otherwise, troubles.device_silent.en)
    })
    waiting.add(cancel)
  }
  const told = (incident: Incident, { id, device, answers }: PublicChannel, over: boolean): void => {
    const action = actionOf(incident, id)
    if (action === undefined) return
    if (over) {
      if (answers === undefined || silent.has(device ?? '')) became(incident.id, id, 'stopped')
      else expect(incident.id, id, 'stopping', 'not_stopped')
    } else if (isCalledOff(action)) stop(incident, id)
    else {
      became(incident.id, id, 'sent')
      // What it said before is no answer to what comes after.
      if (device !== undefined) silent.delete(device)
      if (answers !== undefined) expect(incident.id, id, 'sent', 'failed')
    }
  }

  return {
    heard: ({ event }: Pick<Entry, 'event'>): void => {
      if (channels.length === 0) return
      const incident =
        'incident' in event && typeof event.incident === 'string' ? state.incidents.get(event.incident) : state.incidents.get(event.id)
      if (incident?.phase !== 'open') return
      if (event.type === 'incident_opened' || event.type === 'incident_worsened' || event.type === 'incident_escalated') propose(incident)
      else if (event.type === 'incident_action_confirmed') {
        if (actionOf(incident, event.action)?.status === 'confirmed') send(incident, event.action)
      } else if (event.type === 'incident_action_stopped') stop(incident, event.action)
      else if (event.type === 'page_receipt' || event.type === 'page_failed') {
        const page = state.pages.get(event.id)
        const channel = page && byId.get(page.channel)
        if (page === undefined || channel === undefined) return
        const over = page.occasion === 'over'
        if (event.type === 'page_receipt') {
          if (event.receipt === 'sent' || event.receipt === 'delivered') told(incident, channel, over)
        } else if (event.retry_at === undefined && !event.not_needed)
          became(incident.id, channel.id, over ? 'not_stopped' : 'failed', event.why)
      }
    },
    /** What a device says of itself: that it is on or off is its answer, unless it was so some time ago or cannot be. */
    reading: (reading: Reading): void => {
      if (isOld(reading) || isUnbelievable(reading)) return
      const { device, quantity, value } = reading
      for (const channel of channels) {
        if (channel.device !== device || channel.answers !== quantity) continue
        const on = value > 0
        if (on) silent.delete(device)
        else silent.add(device)
        for (const { id, phase, actions } of state.incidents.values()) {
          const action = phase === 'open' && actions?.find(one => one.id === channel.id)
          if (!action) continue
          if (on && action.status === 'sent') became(id, channel.id, 'acknowledged')
          if (!on && (action.status === 'stopping' || action.status === 'not_stopped')) became(id, channel.id, 'stopped')
        }
      }
    },
    /** Confirmed or called off, and the station went down before that was sent, or before the device had answered. */
    start: (): void => {
      for (const incident of state.incidents.values()) {
        if (incident.phase !== 'open') continue
        for (const { id, status, at } of incident.actions ?? []) {
          const pages = [...state.pages.values()].filter(
            page => page.incident === incident.id && page.channel === id && page.asked_at >= at
          )
          if (status === 'sent' && byId.get(id)?.answers !== undefined) expect(incident.id, id, 'sent', 'failed', at)
          if (status === 'confirmed' && pages.every(({ occasion }) => occasion === 'over')) send(incident, id)
          if (status === 'stopping' && pages.every(page => page.occasion !== 'over' || isReached(page))) stop(incident, id)
        }
      }
    },
    close: (): void => {
      for (const cancel of waiting) cancel()
    }
  }
}
