/** What the broker counts: a finite set of names, all present from the start, so that a chart of zeros can be told from a missing one. */
const refusals = [
  'too_many_connections',
  'too_many_from_address',
  'too_fast',
  'silent',
  'not_mqtt',
  'oversize',
  'tls',
  'protocol_version',
  'anonymous',
  'bad_credentials',
  'throttled',
  'busy',
  'odd_client_id',
  'foreign_client_id',
  'too_many_sessions',
  'flapping',
  'revoked'
] as const
const quarantines = ['odd_topic', 'reserved_topic', 'foreign_topic', 'read_only'] as const
const others = [
  'mqtt_accepted_total',
  'mqtt_sessions_total',
  'mqtt_takeovers_total',
  'mqtt_messages_total',
  'mqtt_unkept_total',
  'mqtt_rate_limited_total',
  'mqtt_held_total',
  'mqtt_wills_dropped_total',
  'mqtt_subscriptions_refused_total',
  'mqtt_protocol_errors_total',
  'mqtt_keepalive_timeouts_total',
  'mqtt_frozen_total',
  'mqtt_forward_dropped_total',
  'mqtt_published_total',
  'mqtt_publish_dropped_total',
  'mqtt_retained_dropped_total'
] as const

export type RefusedWhy = (typeof refusals)[number]
export type QuarantinedWhy = (typeof quarantines)[number]
export type Counter = `mqtt_refused_${RefusedWhy}_total` | `mqtt_quarantined_${QuarantinedWhy}_total` | (typeof others)[number]

const names: readonly Counter[] = [
  ...others,
  ...refusals.map(why => `mqtt_refused_${why}_total` as const),
  ...quarantines.map(why => `mqtt_quarantined_${why}_total` as const)
]

export const newCounters = (): Record<Counter, number> => Object.fromEntries(names.map(name => [name, 0])) as Record<Counter, number>
