/**
 * What stands on a device that everyone sees or hears: on when people are called, off when its time or the incident is over,
 * and only when no other incident needs it. A station that was killed meanwhile switches off, when it is back, what it left on.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rank } from '../../domain/vocabulary.ts'
import { troubles } from '../../domain/words.ts'
import type { Means, Message, OpenChannel } from '../channel.ts'

export type StandingDevice = {
  readonly device: string
  readonly for_s: number
  readonly show: (message: Message) => void
  readonly clear: () => void
}

const look_every_ms = 5_000

export const openStanding = (
  { clock, dir, isOnline, log }: Pick<Means, 'clock' | 'dir' | 'isOnline' | 'log'>,
  { device, for_s, show, clear }: StandingDevice
): OpenChannel => {
  const standing = new Map<string, { readonly message: Message; readonly cancel: () => void }>()
  const note = join(dir, 'on')
  let stopLooking: (() => void) | undefined

  /** Only this file outlives a kill; that it could not be written must not keep anybody from being called. */
  const remember = (on: boolean): void => {
    try {
      if (on) writeFileSync(note, device)
      else rmSync(note, { force: true })
    } catch (error) {
      log('whether the device is on could not be noted', { why: (error as Error).message })
    }
  }
  const off = (): void => {
    stopLooking?.()
    stopLooking = undefined
    // Said in any case: that it seems to be away may be an error of ours.
    clear()
    if (isOnline(device)) remember(false)
    else look()
  }
  const look = (): void => {
    stopLooking = clock.wake(clock.now() + look_every_ms, () => (isOnline(device) ? off() : look()))
  }
  const showGravest = (): void => {
    stopLooking?.()
    stopLooking = undefined
    const [first] = [...standing.values()].sort(
      (a, b) => rank(b.message.severity) - rank(a.message.severity) || b.message.at - a.message.at
    )
    if (first === undefined) off()
    else {
      remember(true)
      show(first.message)
    }
  }
  const end = (incident: string): void => {
    standing.get(incident)?.cancel()
    standing.delete(incident)
    showGravest()
  }
  if (existsSync(note)) off()

  return {
    in_public: true,
    send: async message => {
      const { occasion, incident } = message
      if (occasion === 'over') end(incident)
      if (!isOnline(device)) return { failed: troubles.not_online.en, retry: true }
      if (occasion === 'over') return { receipt: 'delivered' }
      standing.get(incident)?.cancel()
      standing.set(incident, { message, cancel: clock.wake(clock.now() + for_s * 1000, () => end(incident)) })
      showGravest()
      return { receipt: 'delivered' }
    },
    well: async () => (isOnline(device) ? undefined : troubles.not_online.en),
    close: () => {
      for (const { cancel } of standing.values()) cancel()
      if (standing.size > 0) off()
      stopLooking?.()
    }
  }
}
