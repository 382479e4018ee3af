/**
 * Every queue of the broker has an end; here are all of them, once.
 * Numbers marked R27, G8 … are asked for by the fault catalogue; the others are the smallest that real devices never met.
 */
export type Limits = {
  /** R27. Judged by the fixed header, before the body is read. */
  readonly packet_bytes: number
  /** A CONNECT carries an id, a will, a name and a password; nobody is allowed more before we know who it is. */
  readonly connect_bytes: number
  /** 50 filters of 512 bytes: a longer SUBSCRIBE is no subscription. */
  readonly subscribe_bytes: number
  readonly connections: number
  readonly connections_per_address: number
  readonly accepts_per_s: number
  readonly accepts_per_address_per_s: number
  /** Connections that have not said CONNECT yet; the oldest is let go first. */
  readonly silent_connections: number
  readonly connect_within_ms: number
  readonly keepalive_s: number
  readonly sessions_per_principal: number
  readonly takeovers_per_10_s: number
  readonly password_checks: number
  readonly password_queue: number
  readonly password_check_ms: number
  readonly messages_per_s: number
  readonly messages_burst: number
  /** Work a connection may cause: 1 a frame, 20 a SUBSCRIBE, 0.1 an acknowledgement. Beyond it the socket is read more slowly. */
  readonly work_per_s: number
  /** QoS 1 and 2 messages of one principal that are not on disk yet; beyond it its sockets are not read. */
  readonly unkept_messages: number
  /** The same for everybody together. */
  readonly unkept_bytes: number
  readonly qos2_open: number
  readonly filters: number
  readonly topic_levels: number
  readonly topic_bytes: number
  /** G8: a subscriber that takes nothing for this long is cut. */
  readonly drain_ms: number
  /** What may wait for one slow subscriber; newer messages for it are let go. */
  readonly subscriber_bytes: number
  /** The station's own words waiting for a turn of the loop; the oldest are let go. */
  readonly outbox_messages: number
  readonly outbox_bytes: number
  readonly retained_topics: number
}

export const defaultLimits: Limits = {
  packet_bytes: 256 * 1024,
  connect_bytes: 4096,
  subscribe_bytes: 32 * 1024,
  connections: 500,
  connections_per_address: 200,
  accepts_per_s: 500,
  accepts_per_address_per_s: 50,
  silent_connections: 128,
  connect_within_ms: 5000,
  keepalive_s: 120,
  sessions_per_principal: 10,
  takeovers_per_10_s: 5,
  password_checks: 2,
  password_queue: 256,
  password_check_ms: 10_000,
  messages_per_s: 200,
  messages_burst: 400,
  work_per_s: 2000,
  unkept_messages: 1000,
  unkept_bytes: 64 * 1024 * 1024,
  qos2_open: 1000,
  filters: 50,
  topic_levels: 12,
  topic_bytes: 512,
  drain_ms: 2000,
  subscriber_bytes: 256 * 1024,
  outbox_messages: 10_000,
  outbox_bytes: 16 * 1024 * 1024,
  retained_topics: 2000
}
