/** What `/api/proposals` answers. */
import { type Static, Type } from 'typebox'
import { orNull, Time } from './base-shape.ts'

const count = (description: string) => Type.Integer({ description })
const Tally = Type.Object({
  fired: count('how often it would have raised'),
  true: count('people closed an incident of that place and time as handled'),
  false: count('people closed it as a false alarm'),
  open: count('not yet known'),
  nothing: count('nobody opened anything within half an hour')
})
const Of = {
  id: Type.String(),
  rule: Type.String(),
  zone: Type.String(),
  zone_name: Type.String(),
  device: orNull(Type.String()),
  quantity: Type.String(),
  quantity_label: Type.String(),
  unit: Type.String(),
  limit_now: Type.Number(),
  limit: Type.Number(),
  from: Time,
  to: Time,
  samples: count('minutes of history that were replayed through the rule'),
  now: Tally,
  would: Tally
}

export const Limit = Type.Object({ ...Of, by: Type.String(), at: Time })
export const Proposal = Type.Object(Of)
export const Proposals = Type.Object({
  looked_at: Time,
  proposals: Type.Array(Proposal, { description: 'limits that would have been better over the last 28 days' }),
  limits: Type.Array(Limit, { description: 'limits that were taken over; each can be restored' })
})
export type ProposalsShape = Static<typeof Proposals>
export type ProposalShape = Static<typeof Proposal>
export type LimitShape = Static<typeof Limit>
