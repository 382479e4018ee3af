/**
 * Sealing: a DSSE envelope signed with the station's own Ed25519 key. The key is made once, on the station, and never leaves it;
 * whoever receives a sealed file compares the key's id with the one the station told them by another way.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'

export type Envelope = {
  readonly payloadType: string
  /** Base64. */
  readonly payload: string
  readonly signatures: { readonly keyid: string; readonly sig: string }[]
}
export type PublicKey = { readonly keyid: string; readonly public_key: string }
export type Signer = { readonly key: PublicKey; readonly seal: (payloadType: string, payload: Uint8Array) => Envelope }

/** Without a file the key lasts as long as the process. Throws one sentence when the file is no key: it is never silently replaced. */
export const openSigner = (file?: string): Signer => {
  const secret = file === undefined ? generateKeyPairSync('ed25519').privateKey : (read(file) ?? make(file))
  const key = publicOf(createPublicKey(secret))
  return {
    key,
    seal: (payloadType, payload) => ({
      payloadType,
      payload: Buffer.from(payload).toString('base64'),
      signatures: [{ keyid: key.keyid, sig: sign(null, pae(payloadType, payload), secret).toString('base64') }]
    })
  }
}

/** What is signed: type and length go in too, so that nothing signed as one thing can be shown as another (DSSE 1.0, PAE). */
export const pae = (payloadType: string, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `), payload])

export const isSignedBy = (key: KeyObject, { payloadType, payload, signatures }: Envelope): boolean =>
  signatures.some(({ sig }) => verify(null, pae(payloadType, Buffer.from(payload, 'base64')), key, Buffer.from(sig, 'base64')))

export const keyId = (key: KeyObject): string => sha256(key.export({ type: 'spki', format: 'der' }))
export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const publicOf = (key: KeyObject): PublicKey => ({ keyid: keyId(key), public_key: key.export({ type: 'spki', format: 'pem' }).toString() })

const read = (file: string): KeyObject | undefined => {
  let pem: string
  try {
    pem = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  chmodSync(file, 0o600)
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // The sentence below is for both: not a key, and a key of another kind. Its cause could quote what is in the file.
  }
  throw new Error(
    `${file} is not the station's Ed25519 key; move it away to begin with a new one, which whoever compares keys must be told`
  )
}

const make = (file: string): KeyObject => {
  const { privateKey } = generateKeyPairSync('ed25519')
  // Fails when it is there already: two starts never make two keys.
  const handle = openSync(file, 'wx', 0o600)
  try {
    writeSync(handle, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  return privateKey
}
