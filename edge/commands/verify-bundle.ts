/**
 * Checks a sealed hand-over without the station that made it: signature, the hash of each part, the hash of each journal entry and
 * how they follow each other. Says which part is wrong, because a file with one changed line is still evidence in all others.
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { type Handover, handover_type, type SealedEntry } from '../console/bundle.ts'
import { type Envelope, isSignedBy, keyId, sha256 } from '../console/dsse.ts'
import { hashOf } from '../journal/row.ts'
import { SettingsError } from '../settings.ts'

const Text = Type.String()
const EnvelopeShape = Type.Object({
  payloadType: Text,
  payload: Text,
  signatures: Type.Array(Type.Object({ keyid: Text, sig: Text }))
})
const KeyShape = Type.Object({ public_key: Text })
const HandoverShape = Type.Object({
  version: Type.Literal(1),
  station: Type.Object({ id: Text, key: KeyShape }),
  incident: Text,
  journal: Type.Object({ head: Type.Union([Type.Null(), Type.Object({ seq: Type.Integer(), hash: Text })]) }),
  parts: Type.Array(Type.Object({ name: Text, sha256: Text, text: Text }))
})
const EntriesShape = Type.Array(
  Type.Object({
    ...{ seq: Type.Integer(), at: Type.Number(), lane: Text, type: Text },
    ...{ subject: Text, body: Text, previous: Text, hash: Text }
  })
)
const EventShape = Type.Object({ type: Text, at: Type.Number() })

export type BundleVerdict = {
  readonly wrong: readonly string[]
  readonly about?: { readonly station: string; readonly incident: string; readonly entries: number; readonly keyid: string }
  /** The key came with the file itself: it proves that nothing was changed since, not who sealed it. */
  readonly own_key: boolean
}

export const verifyBundleFile = (file: string, key_file?: string): number => {
  const { wrong, about, own_key } = verifyBundle(
    readText(file, '--bundle'),
    key_file === undefined ? undefined : keyFrom(readText(key_file, '--key'), key_file)
  )
  for (const sentence of wrong) process.stdout.write(`不符 wrong: ${sentence}\n`)
  if (wrong.length > 0 || about === undefined) return 1
  process.stdout.write(
    `移交包完整 the bundle holds: station ${about.station}, incident ${about.incident}, ${about.entries} entries, key ${about.keyid}\n`
  )
  if (own_key)
    process.stdout.write(
      '密钥来自移交包本身，请与警务站核对 the key came with the bundle: compare it with the station’s, or give it with --key\n'
    )
  return 0
}

export const verifyBundle = (text: string, key?: KeyObject): BundleVerdict => {
  const wrong: string[] = []
  const own_key = key === undefined
  const envelope = parse<Envelope>(text, EnvelopeShape)
  if (envelope === undefined) return { wrong: ['the file is not a DSSE envelope'], own_key }
  if (envelope.payloadType !== handover_type) wrong.push(`the envelope holds ${envelope.payloadType}, not ${handover_type}`)
  const handover = parse<Handover>(Buffer.from(envelope.payload, 'base64').toString(), HandoverShape)
  if (handover === undefined) return { wrong: [...wrong, 'the payload is not a hand-over of version 1'], own_key }
  const signer = key ?? keyIn(handover)
  if (signer === undefined) wrong.push('the bundle holds no key to check it with')
  else if (!signedBy(signer, envelope)) wrong.push(`the signature is not that of key ${keyId(signer)}`)
  for (const part of handover.parts) if (sha256(part.text) !== part.sha256) wrong.push(`part ${part.name} does not match its hash`)
  const timeline = handover.parts.find(({ name }) => name === 'timeline.json')
  const entries = parse<readonly SealedEntry[]>(timeline?.text ?? '', EntriesShape)
  if (entries === undefined) wrong.push('part timeline.json is missing or cannot be read')
  else wrong.push(...brokenIn(entries, handover.journal.head))
  if (signer === undefined) return { wrong, own_key }
  const about = { station: handover.station.id, incident: handover.incident, entries: entries?.length ?? 0, keyid: keyId(signer) }
  return { wrong, about, own_key }
}

/** What lies between two entries of the bundle stays at the station; but an entry can lie neither beyond the head nor beside it. */
const brokenIn = (entries: readonly SealedEntry[], head: Handover['journal']['head']): string[] => {
  const wrong: string[] = []
  let before: SealedEntry | undefined
  for (const entry of entries) {
    const { seq, previous, hash, body, ...row } = entry
    if (hashOf(Buffer.from(previous, 'hex'), { seq, ...row, body }).toString('hex') !== hash)
      wrong.push(`entry ${seq} does not match its hash`)
    const event = parse<{ type: string; at: number }>(body, EventShape)
    if (event?.type !== row.type || event.at !== row.at) wrong.push(`entry ${seq} says something else inside than outside`)
    if (before !== undefined && seq <= before.seq) wrong.push(`entry ${seq} comes after entry ${before.seq}`)
    if (before !== undefined && seq === before.seq + 1 && previous !== before.hash)
      wrong.push(`entry ${seq} does not continue entry ${before.seq}`)
    if (seq === 1 && !/^0{64}$/.test(previous)) wrong.push('entry 1 does not begin the chain')
    before = entry
  }
  if (before === undefined) return wrong
  if (head === null || before.seq > head.seq) wrong.push(`entry ${before.seq} lies beyond the head of the chain`)
  else if (before.seq === head.seq && before.hash !== head.hash) wrong.push(`entry ${before.seq} is not the head of the chain`)
  return wrong
}

const parse = <Shape>(text: string, shape: TSchema): Shape | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return Value.Check(shape, value) ? (value as Shape) : undefined
  } catch {
    return undefined
  }
}

const keyIn = ({ station }: Handover): KeyObject | undefined => {
  try {
    return createPublicKey(station.key.public_key)
  } catch {
    return undefined
  }
}

const signedBy = (key: KeyObject, envelope: Envelope): boolean => {
  try {
    return isSignedBy(key, envelope)
  } catch {
    // A key of another kind, or a signature that is none: either way it was not signed by this key.
    return false
  }
}

const readText = (file: string, option: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new SettingsError([`${option} ${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`])
  }
}

/** PEM, or the answer of `/api/station/key` as it is. */
const keyFrom = (text: string, file: string): KeyObject => {
  try {
    return createPublicKey(parse<{ public_key: string }>(text, KeyShape)?.public_key ?? text)
  } catch {
    throw new SettingsError([`--key ${file} holds no public key; right would be: PEM, or what /api/station/key answers`])
  }
}
