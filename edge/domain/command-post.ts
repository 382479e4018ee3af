/**
 * Who commands the station. Command passes by read-back: the giver offers it with what is open, the receiver says back
 * every red incident, the giver confirms, and with that one event it has passed. Until then, and whenever anything goes
 * wrong on the way, it stays where it was: there is no second in which a red incident has no owner.
 */
import type { Refusal } from './refusal.ts'
import { onDuty, type Roster } from './roster.ts'
import type { Agency, Severity } from './vocabulary.ts'

/** An open incident, as it is handed over. */
export type OpenItem = { readonly id: string; readonly severity: Severity }
export type Offer = {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly at: number
  readonly text: string
  readonly items: readonly OpenItem[]
  readonly expires_at: number
  readonly read_back?: { readonly at: number; readonly items: readonly string[]; readonly text: string }
}
export type CommandPost = { readonly holder?: string; readonly since?: number; readonly offer?: Offer }
export const nobodyInCommand: CommandPost = {}

type Of = { readonly id: string; readonly at: number }
export type HandoverEvent =
  | (Of & { readonly type: 'handover_offered' } & Pick<Offer, 'from' | 'to' | 'text' | 'items' | 'expires_at'>)
  | (Of & {
      readonly type: 'handover_read_back'
      readonly by: string
      readonly items: readonly string[]
      readonly text: string
      readonly expires_at: number
    })
  | (Of & { readonly type: 'handover_confirmed'; readonly by: string; readonly to: string; readonly items: readonly OpenItem[] })
  | (Of & { readonly type: 'handover_withdrawn'; readonly by: string })
  | (Of & { readonly type: 'handover_declined'; readonly by: string; readonly reason: string })
  | (Of & { readonly type: 'handover_expired'; readonly from: string; readonly to: string })
  /** Without the giver: who took it, from whom, why, and what was open. */
  | (Of & {
      readonly type: 'handover_taken'
      readonly by: string
      readonly from?: string
      readonly reason: string
      readonly items: readonly OpenItem[]
    })

export type HandoverCommand =
  | { readonly type: 'offer'; readonly id: string; readonly by: string; readonly to: string; readonly text: string }
  | { readonly type: 'read_back'; readonly by: string; readonly items: readonly string[]; readonly text: string }
  | { readonly type: 'confirm'; readonly by: string }
  | { readonly type: 'withdraw'; readonly by: string }
  | { readonly type: 'decline'; readonly by: string; readonly reason: string }
  | { readonly type: 'take'; readonly id: string; readonly by: string; readonly reason: string }
  | { readonly type: 'expire' }

/** What the command is about at this moment: everything open, and who may hold it. */
export type Situation = { readonly open: readonly OpenItem[]; readonly commanders: readonly string[] }
export type HandoverDecision = { readonly events: readonly HandoverEvent[] } | Refusal

/** How long a read-back, and then its confirmation, may take. */
export const handover_within_ms = 10 * 60_000

export const decideCommand = (
  post: CommandPost,
  command: HandoverCommand,
  { open, commanders }: Situation,
  at: number
): HandoverDecision => {
  const offer = post.offer !== undefined && at < post.offer.expires_at ? post.offer : undefined
  const over: readonly HandoverEvent[] =
    post.offer === undefined || offer !== undefined
      ? []
      : [{ type: 'handover_expired', id: post.offer.id, at, from: post.offer.from, to: post.offer.to }]
  switch (command.type) {
    case 'offer': {
      const { id, by, to, text } = command
      if (post.holder !== by) return { refused: 'not_in_command' }
      if (to === by) return { refused: 'already_in_command' }
      if (!commanders.includes(to)) return { refused: 'not_a_commander' }
      if (offer !== undefined) return { refused: 'handover_under_way' }
      const expires_at = at + handover_within_ms
      return { events: [...over, { type: 'handover_offered', id, at, from: by, to, text, items: open, expires_at }] }
    }
    case 'read_back': {
      const { by, items, text } = command
      if (offer === undefined) return { refused: 'no_handover' }
      if (offer.to !== by) return { refused: 'not_offered_to_you' }
      const missing = unnamed(open, items)
      if (missing.length > 0) return { refused: 'read_back_incomplete', missing }
      const expires_at = at + handover_within_ms
      return { events: [{ type: 'handover_read_back', id: offer.id, at, by, items, text, expires_at }] }
    }
    case 'confirm': {
      const { by } = command
      if (offer === undefined) return { refused: 'no_handover' }
      if (offer.from !== by) return { refused: 'not_in_command' }
      if (offer.read_back === undefined) return { refused: 'not_read_back' }
      // What has become red since must be read back too.
      const missing = unnamed(open, offer.read_back.items)
      if (missing.length > 0) return { refused: 'read_back_incomplete', missing }
      // Somebody may have lost the role meanwhile.
      if (!commanders.includes(offer.to)) return { refused: 'not_a_commander' }
      return { events: [{ type: 'handover_confirmed', id: offer.id, at, by, to: offer.to, items: open }] }
    }
    case 'withdraw':
      if (offer === undefined) return { refused: 'no_handover' }
      if (offer.from !== command.by) return { refused: 'not_in_command' }
      return { events: [{ type: 'handover_withdrawn', id: offer.id, at, by: command.by }] }
    case 'decline':
      if (offer === undefined) return { refused: 'no_handover' }
      if (offer.to !== command.by) return { refused: 'not_offered_to_you' }
      if (command.reason.trim() === '') return { refused: 'reason_missing' }
      return { events: [{ type: 'handover_declined', id: offer.id, at, by: command.by, reason: command.reason }] }
    case 'take': {
      const { id, by, reason } = command
      if (!commanders.includes(by)) return { refused: 'not_a_commander' }
      if (post.holder === by) return { refused: 'already_in_command' }
      if (reason.trim() === '') return { refused: 'reason_missing' }
      const from = post.holder
      return { events: [...over, { type: 'handover_taken', id, at, by, ...(from !== undefined && { from }), reason, items: open }] }
    }
    case 'expire':
      return { events: over }
  }
}

const unnamed = (open: readonly OpenItem[], named: readonly string[]): readonly string[] =>
  open.flatMap(({ id, severity }) => (severity === 'red' && !named.includes(id) ? [id] : []))

export const evolveCommand = (post: CommandPost, event: HandoverEvent): CommandPost => {
  const { offer, ...held } = post
  switch (event.type) {
    case 'handover_offered': {
      const { type: _, ...offered } = event
      return { ...held, offer: offered }
    }
    case 'handover_read_back': {
      // Only of a damaged journal is the offer itself missing; then the command stays where it is.
      if (offer?.id !== event.id) return post
      const { at, items, text, expires_at } = event
      return { ...held, offer: { ...offer, expires_at, read_back: { at, items, text } } }
    }
    case 'handover_confirmed':
      return { holder: event.to, since: event.at }
    case 'handover_taken':
      return { holder: event.by, since: event.at }
    case 'handover_withdrawn':
    case 'handover_declined':
    case 'handover_expired':
      return held
  }
}

export const nextDueOfCommand = ({ offer }: CommandPost): { readonly at: number; readonly command: HandoverCommand } | undefined =>
  offer && { at: offer.expires_at, command: { type: 'expire' } }

export type Owner =
  | { readonly kind: 'person'; readonly id: string }
  | { readonly kind: 'unit'; readonly id: string }
  | { readonly kind: 'agency'; readonly id: Agency }

/**
 * Who owns what is open: the holder of the command; where nobody has taken it yet (or the holder no longer works here), the
 * commanding unit on duty, then any commanding unit, then the whole first agency. Never nobody.
 */
export const ownerAt = ({ holder }: CommandPost, { units, people, timezone, plan }: Roster, first: Agency, at: number): Owner => {
  const works = holder !== undefined && (people === undefined || people.some(({ name }) => name === holder))
  if (works) return { kind: 'person', id: holder }
  const commanding = units.filter(({ commands }) => commands)
  const unit = commanding.find(one => onDuty(one, at, timezone, plan)) ?? commanding[0]
  return unit === undefined ? { kind: 'agency', id: first } : { kind: 'unit', id: unit.id }
}
