/**
 * The file of enrolled devices and added users: replaced whole or not at all, written twice, each copy with its own checksum,
 * so that a copy cut off anywhere leaves the other to go by [F16].
 */
import { createHash } from 'node:crypto'
import { chmod, open, readFile, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Hashed } from './scrypt.ts'

export type Stored = { readonly devices: ReadonlyMap<string, Hashed>; readonly users: ReadonlyMap<string, Hashed> }

const Text = Type.String({ minLength: 1, maxLength: 200 })
const Power = Type.Integer({ minimum: 2, maximum: 2 ** 18 })
const Account = Type.Object({
  name: Text,
  salt: Text,
  hash: Text,
  n: Power,
  r: Type.Integer({ minimum: 1, maximum: 32 }),
  p: Type.Integer({ minimum: 1, maximum: 16 })
})
const Body = Type.Object({ version: Type.Literal(1), devices: Type.Array(Account), users: Type.Array(Account) })

export const loadAccounts = async (
  file: string
): Promise<{ readonly stored: Stored; readonly warnings: readonly string[] } | { readonly failed: string }> => {
  const [first, second] = [await readCopy(file), await readCopy(copyOf(file))]
  const good = 'stored' in first ? first : second
  if ('stored' in good) {
    const warnings: string[] = []
    if (good === second) warnings.push(`${file} ${'broken' in first ? first.broken : 'is missing'}; its copy is used`)
    const used = good === second ? copyOf(file) : file
    if (((await stat(used)).mode & 0o077) !== 0) {
      await chmod(used, 0o600)
      warnings.push(`others could read ${used}; they no longer can`)
    }
    return { stored: good.stored, warnings }
  }
  const absent = 'absent' in first && 'absent' in second
  if (absent) return { stored: { devices: new Map(), users: new Map() }, warnings: [] }
  return {
    failed: `${file} and its copy are both unusable (${'broken' in first ? first.broken : 'is missing'}): restore it from a backup, or remove both and enrol again`
  }
}

/** Undefined when both copies are on disk. */
export const saveAccounts = async (file: string, { devices, users }: Stored): Promise<{ readonly failed: string } | undefined> => {
  const body = JSON.stringify({ version: 1, devices: rows(devices), users: rows(users) })
  const text = `${JSON.stringify({ sha256: digest(body), body })}\n`
  try {
    await replace(file, text)
    await replace(copyOf(file), text)
    return undefined
  } catch (cause) {
    return { failed: `${file} cannot be written: ${(cause as NodeJS.ErrnoException).code ?? (cause as Error).message}` }
  }
}

/** Changes whenever the file is replaced; undefined when there is none. */
export const stampOf = async (file: string): Promise<string | undefined> => {
  const about = await stat(file, { bigint: true }).catch(() => undefined)
  return about === undefined ? undefined : `${about.ino} ${about.mtimeNs} ${about.size}`
}

export const copyOf = (file: string): string => `${file}.copy`

type Copy = { readonly stored: Stored } | { readonly absent: true } | { readonly broken: string }

const readCopy = async (file: string): Promise<Copy> => {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => cause)
  if (text instanceof Error) return text.code === 'ENOENT' ? { absent: true } : { broken: `cannot be read: ${text.code}` }
  try {
    const { sha256, body } = JSON.parse(text) as { sha256: unknown; body: unknown }
    if (typeof body !== 'string' || sha256 !== digest(body)) return { broken: 'does not match its checksum' }
    const { devices, users } = Value.Parse(Body, JSON.parse(body))
    return { stored: { devices: table(devices), users: table(users) } }
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof TypeError) return { broken: 'is cut off or no JSON' }
    return { broken: 'does not have the shape of an accounts file' }
  }
}

const digest = (body: string): string => createHash('sha256').update(body).digest('hex')
const rows = (accounts: ReadonlyMap<string, Hashed>) => [...accounts].map(([name, hashed]) => ({ name, ...hashed }))
const table = (list: readonly ({ readonly name: string } & Hashed)[]): Map<string, Hashed> =>
  new Map(list.map(({ name, ...hashed }) => [name, hashed]))

const replace = async (file: string, text: string): Promise<void> => {
  const next = `${file}.next`
  const handle = await open(next, 'w', 0o600)
  try {
    await handle.chmod(0o600)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(next, file)
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
