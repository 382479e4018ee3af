/** The key pair by which push services know this station. Every phone's subscription is bound to it, so it is made once and never again. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import webpush from 'web-push'

const Keys = Type.Object({
  public_key: Type.String({ pattern: '^[A-Za-z0-9_-]{87}$' }),
  private_key: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })
})

/** The keys in a channel's own folder; made there when there are none. */
export const vapidKeys = (dir: string): Static<typeof Keys> => {
  const file = join(dir, 'vapid.json')
  if (!existsSync(file)) {
    const { publicKey: public_key, privateKey: private_key } = webpush.generateVAPIDKeys()
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    // Whole or not at all: half a key after a power cut would silence every phone.
    writeFileSync(`${file}.new`, JSON.stringify({ public_key, private_key }), { mode: 0o600, flush: true })
    renameSync(`${file}.new`, file)
  }
  chmodSync(file, 0o600)
  let keys: unknown
  try {
    keys = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // The parser repeats what it has read, and what it has read is a key.
    keys = undefined
  }
  if (!Value.Check(Keys, keys))
    throw new Error(`${file} holds no key pair; restore it from the backup, or delete it and have every phone subscribe again`)
  return keys
}

/** What a browser needs to subscribe (`applicationServerKey`). */
export const vapidPublicKey = (dir: string): string => vapidKeys(dir).public_key
