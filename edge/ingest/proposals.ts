/**
 * What bridges say is behind them, until a person lets it in. Nothing here is believed: it is only shown. A bridge that announces
 * without end fills its own share and nothing else, and what it says after that is let go and counted.
 */
import { createHash } from 'node:crypto'
import { unreadable } from '../../devices/common/payload.ts'
import { type Announced, inOrder } from '../domain/announced.ts'

export type Proposal = {
  /** Of bridge and device together, so that the same device is the same proposal over a restart. */
  readonly id: string
  readonly bridge: string
  readonly announced: Announced
  readonly first_heard: number
  readonly last_heard: number
}
export type Proposals = {
  /** What was said on this topic before is replaced; an empty list takes it back. */
  readonly hear: (bridge: string, topic: string, devices: readonly Announced[], at: number) => void
  readonly list: () => readonly Proposal[]
  readonly forget: (bridge: string) => void
  readonly counters: () => Readonly<Record<string, number>>
}

type Word = { readonly devices: readonly Announced[]; readonly first_heard: number; last_heard: number }

/** Of one bridge: devices and the parts of them, those left out included. */
const most_parts = 3000
const most_entities = 64
const too_many = unreadable(`一台设备最多取 ${most_entities} 个部分`, `of one device ${most_entities} parts are taken`).unreadable

export const openProposals = (): Proposals => {
  const bridges = new Map<string, Map<string, Word>>()
  let let_go = 0

  const hear: Proposals['hear'] = (bridge, topic, devices, at) => {
    const words = bridges.get(bridge) ?? new Map<string, Word>()
    bridges.set(bridge, words)
    const before = words.get(topic)
    words.delete(topic)
    if (devices.length === 0) return
    const known = [...words.values()].reduce((sum, word) => sum + partsOf(word.devices), 0)
    if (known + partsOf(devices) > most_parts) {
      let_go++
      return
    }
    words.set(topic, { devices, first_heard: before?.first_heard ?? at, last_heard: at })
  }

  /** A device of Home Assistant comes in one message for each of its parts. */
  const of = (bridge: string, words: Iterable<Word>): readonly Proposal[] => {
    const found = new Map<string, Proposal>()
    for (const { devices, first_heard, last_heard } of words)
      for (const announced of devices) {
        const id = proposalId(bridge, announced.key)
        const before = found.get(id)
        found.set(
          id,
          before === undefined
            ? { id, bridge, announced, first_heard, last_heard }
            : {
                ...before,
                announced: together(before.announced, announced),
                first_heard: Math.min(before.first_heard, first_heard),
                last_heard: Math.max(before.last_heard, last_heard)
              }
        )
      }
    return [...found.values()]
  }

  return {
    hear,
    list: () => [...bridges].flatMap(([bridge, words]) => of(bridge, words.values())),
    forget: bridge => void bridges.delete(bridge),
    counters: () => ({ announcements_let_go_total: let_go })
  }
}

const partsOf = (devices: readonly Announced[]): number =>
  devices.reduce((sum, { entities, left_out }) => sum + 1 + entities.length + left_out.length, 0)

export const proposalId = (bridge: string, key: string): string =>
  createHash('sha256')
    .update(JSON.stringify([bridge, key]))
    .digest('hex')
    .slice(0, 16)

const together = (one: Announced, other: Announced): Announced => {
  const all = [...new Map([...one.entities, ...other.entities].map(entity => [entity.key, entity])).values()]
  const entities = all.slice(0, most_entities)
  const cut = all.slice(most_entities).map(({ name }) => `${name}: ${too_many}`)
  const presence = [...new Map([...one.presence, ...other.presence].map(place => [JSON.stringify(place), place])).values()].slice(0, 8)
  const expires = [one.expires_s, other.expires_s].filter(seconds => seconds !== undefined)
  return {
    ...one,
    ...other,
    // Of a device that speaks a convention of ours the parts are not listed.
    gives: inOrder(entities.length > 0 ? entities.map(({ quantity }) => quantity) : [...one.gives, ...other.gives]),
    left_out: [...new Set([...cut, ...one.left_out, ...other.left_out])].slice(0, most_entities),
    entities,
    presence,
    ...(expires.length > 0 && { expires_s: Math.min(...expires) })
  }
}

/** What was let in, and what it says of itself now: a part that is new or reads otherwise waits for a person again. */
export const hasChanged = (approved: Announced, now: Announced): boolean =>
  JSON.stringify(approved.speaks) !== JSON.stringify(now.speaks) ||
  now.entities.some(entity => !approved.entities.some(known => JSON.stringify(known) === JSON.stringify(entity)))
