/**
 * A push to people's phones through the push service of their browser, encrypted to the phone (RFC 8291) and signed by a key that this
 * station has made itself (VAPID, RFC 8292): no vendor's account, and the service sees neither words nor names.
 */
import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import webpush from 'web-push'
import { troubles } from '../domain/words.ts'
import { defineChannel, type Message, type PushSubscription } from './channel.ts'
import { openEach } from './common/each.ts'
import { fit } from './common/text.ts'
import { vapidKeys } from './common/vapid.ts'
import { type Failure, failureOf, post } from './post.ts'

export { vapidPublicKey } from './common/vapid.ts'

/** A service takes 4096 bytes (RFC 8030), of which header, tag and padding need 103. */
const most_payload_bytes = 3900
const services = ['fcm.googleapis.com', 'push.services.mozilla.com', 'push.apple.com', 'notify.windows.com']
const loopback = ['127.0.0.1', '[::1]', 'localhost']

export default defineChannel({
  label: { 'zh-CN': '手机推送（Web Push）', en: 'Web Push' },
  says: {
    'zh-CN': '推送到成员手机的浏览器，内容端到端加密；手机须能上网，并能连到其浏览器的推送服务。',
    en: 'Pushes to the browsers of members’ phones, encrypted end to end; the phone needs the internet and its browser’s push service.'
  },
  settings: Type.Object(
    {
      subject: Type.String({
        title: 'Whom the push service may write to about these pushes',
        description: 'a mailto: or https: address of whoever runs the station',
        pattern: '^(mailto:[^@\\s]+@[^@\\s]+|https://[^@\\s]+)$',
        maxLength: 256,
        examples: ['mailto:duty@station.example']
      }),
      ttl_s: Type.Integer({
        title: 'A push holds for, seconds',
        description: 'a phone that is out of reach for longer does not get it any more',
        default: 600,
        minimum: 0,
        maximum: 86_400,
        examples: [600]
      }),
      services: Type.Array(Type.String({ pattern: '^[A-Za-z0-9.-]+$' }), {
        title: 'Push services',
        description: 'a phone’s address for pushes must lie on one of these hosts or below it; the station posts nowhere else',
        default: services,
        minItems: 1,
        examples: [services]
      })
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'sent',
  open: ({ subject, ttl_s, services }, { dir, subscriptions, forgetSubscription, log }) => {
    const keys = vapidKeys(dir)
    const toEach = openEach()
    const push = async (
      { endpoint, keys: theirs }: PushSubscription,
      message: Message,
      signal: AbortSignal
    ): Promise<Failure | undefined> => {
      const address = addressOf(endpoint, services)
      if (address === undefined) return { failed: troubles.unknown_push_service.en, retry: false }
      const { Authorization: authorization } = webpush.getVapidHeaders(
        address.origin,
        subject,
        keys.public_key,
        keys.private_key,
        'aes128gcm'
      )
      const body = sealed(theirs, payloadOf(message))
      if (body === undefined) {
        forgetSubscription(endpoint)
        return { failed: troubles.phone_gone.en, retry: false }
      }
      const headers = {
        authorization,
        ttl: String(ttl_s),
        urgency: 'high',
        topic: topicOf(message),
        'content-type': 'application/octet-stream',
        'content-encoding': 'aes128gcm'
      }
      const posted = await post(endpoint, { headers, body }, signal)
      if (!('failed' in posted) && (posted.status === 404 || posted.status === 410)) {
        forgetSubscription(endpoint)
        log('a phone takes pushes no more and is forgotten', { service: address.hostname })
        return { failed: troubles.phone_gone.en, retry: false }
      }
      return failureOf(posted)
    }
    return {
      within_s: 20,
      send: async (message, signal) => {
        const phones = new Map(message.to.flatMap(({ name }) => subscriptions(name)).map(one => [one.endpoint, one]))
        if (phones.size === 0) return { failed: troubles.no_phone.en, retry: false }
        return toEach(message.id, [...phones.keys()], async endpoint => {
          const phone = phones.get(endpoint)
          return phone && push(phone, message, signal)
        })
      }
    }
  }
})

/** Subscriptions come from people's browsers: a made-up one must not make the station post into its own network. */
const addressOf = (endpoint: string, services: readonly string[]): URL | undefined => {
  if (!URL.canParse(endpoint)) return undefined
  const address = new URL(endpoint)
  const { protocol, hostname, username, password } = address
  const allowed = services.some(host => hostname === host || hostname.endsWith(`.${host}`))
  const safe = protocol === 'https:' || (protocol === 'http:' && loopback.includes(hostname))
  return allowed && safe && username === '' && password === '' ? address : undefined
}

/** Nothing when the phone's keys are none: no key of theirs will ever open it. */
const sealed = ({ p256dh, auth }: PushSubscription['keys'], payload: string): Buffer | undefined => {
  try {
    return webpush.encrypt(p256dh, auth, payload, 'aes128gcm').cipherText
  } catch {
    return undefined
  }
}

/** While the phone is out of reach a newer call to the same unit about the same incident takes the place of the older (RFC 8030, 5.4). */
const topicOf = ({ incident, unit }: Message): string =>
  createHash('sha256').update(`${incident}\n${unit}`).digest('base64url').slice(0, 32)

const payloadOf = ({ id, occasion, incident, unit, severity, drill, url, title, text, at }: Message): string => {
  const cut = (most: number): string =>
    JSON.stringify({
      id,
      occasion,
      incident,
      unit,
      severity,
      drill,
      at,
      ...(url !== undefined && { url }),
      title: { 'zh-CN': fit(title['zh-CN'], 240), en: fit(title.en, 240) },
      text: { 'zh-CN': fit(text['zh-CN'], most), en: fit(text.en, most) }
    })
  // What JSON has to escape grows; so it is measured and not reckoned.
  return [1200, 600, 200].map(cut).find(payload => Buffer.byteLength(payload) <= most_payload_bytes) ?? cut(0)
}
