/**
 * Who may speak to the station: devices, machines and people, by secrets the station never shows and hardly keeps.
 * Secrets named in station.yaml live in memory as a keyed hash only; those made here live in one file, each as scrypt.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { loadAccounts, type Stored, saveAccounts, stampOf } from './accounts-file.ts'
import { deviceCost, gate, type Hashed, hashed, userCost, verifies } from './scrypt.ts'
import { readSecret } from './secret-file.ts'

export type AccountsOptions = {
  /** Where enrolled devices and added users are kept, mode 0600. */
  readonly file: string
  readonly devices: readonly { readonly id: string; readonly password_file?: string | undefined }[]
  readonly machines: readonly { readonly name: string; readonly token_file: string; readonly scopes: readonly string[] }[]
  readonly users: readonly { readonly name: string; readonly password_file?: string | undefined }[]
  /** Tests may make guessing cheap; nobody else should. */
  readonly cost?: { readonly device: number; readonly user: number }
}
export type Machine = { readonly name: string; readonly scopes: readonly string[] }

export type Accounts = {
  readonly checkDevice: (id: string, password: string) => Promise<boolean>
  readonly checkUser: (name: string, password: string) => Promise<boolean>
  readonly checkToken: (token: string) => Machine | undefined
  /** The password is told once, here. Enrolling again replaces it. */
  readonly enrolDevice: (id: string) => Promise<{ readonly password: string } | { readonly failed: string }>
  readonly removeDevice: (id: string) => Promise<{ readonly removed: boolean } | { readonly failed: string }>
  readonly addUser: (name: string, password: string) => Promise<{ readonly added: true } | { readonly failed: string }>
  readonly removeUser: (name: string) => Promise<{ readonly removed: boolean } | { readonly failed: string }>
  readonly hasDevice: (id: string) => boolean
  readonly enrolled: () => readonly string[]
  readonly users: () => readonly string[]
  /** What the installer ought to mend, one sentence each. */
  readonly warnings: readonly string[]
  readonly counters: () => Readonly<Record<string, number>>
}

const shortest = { user: 12, device: 8, machine: 16 } as const
const longest_password_bytes = 1024
const busy = 'too many passwords are being checked just now, try again'

export const openAccounts = async (options: AccountsOptions): Promise<Accounts | { readonly failed: string }> => {
  const cost = { device: options.cost?.device ?? deviceCost, user: options.cost?.user ?? userCost }
  const key = randomBytes(32)
  const mark = (kind: string, name: string, secret: string): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([kind, name, secret]))
      .digest()

  const loaded = await loadAccounts(options.file)
  if ('failed' in loaded) return loaded
  const warnings = [...loaded.warnings]
  const stored = { device: loaded.stored.devices, user: loaded.stored.users }
  const named = { device: new Map<string, Buffer>(), user: new Map<string, Buffer>() }
  const tokens = new Map<string, Machine>()

  const files = [
    ...options.devices.map(({ id, password_file }) => ({ kind: 'device' as const, name: id, file: password_file })),
    ...options.users.map(({ name, password_file }) => ({ kind: 'user' as const, name, file: password_file })),
    ...options.machines.map(({ name, token_file, scopes }) => ({ kind: 'machine' as const, name, file: token_file, scopes }))
  ]
  for (const account of files) {
    if (account.file === undefined) continue
    const read = await readSecret(account.file, shortest[account.kind], `${account.kind} ${account.name}`)
    if ('failed' in read) return read
    if (read.warning !== undefined) warnings.push(read.warning)
    if (account.kind === 'machine')
      tokens.set(mark('machine', '', read.secret).toString('hex'), { name: account.name, scopes: account.scopes })
    else named[account.kind].set(account.name, mark(account.kind, account.name, read.secret))
  }

  // One check at a time for each kind, so two at most, and a flood of sign-ins never keeps the devices waiting.
  const gates = { device: gate(256), user: gate(16) }
  const count = { credential_checks_total: 0, credentials_refused_total: 0, credential_checks_turned_away_total: 0 }
  /** Verified once, remembered by its keyed hash: a device that reconnects costs no scrypt. */
  const remembered = { device: new Map<string, Buffer>(), user: new Map<string, Buffer>() }
  const nobody: Record<'device' | 'user', Hashed> = {
    device: await hashed(randomBytes(24).toString('hex'), 16),
    user: await hashed(randomBytes(24).toString('hex'), 16)
  }

  const check = async (kind: 'device' | 'user', name: string, password: string): Promise<boolean> => {
    count.credential_checks_total++
    if ((await stampOf(options.file)) !== seen) await inTurn(reload)
    const usable = Buffer.byteLength(password) <= longest_password_bytes
    const said = mark(kind, name, usable ? password : '')
    const quick = named[kind].get(name) ?? remembered[kind].get(name)
    if (usable && quick !== undefined && timingSafeEqual(quick, said)) return true
    // Every refusal costs one scrypt, whether the name exists, is in station.yaml or was never heard of.
    const record = named[kind].has(name) ? undefined : stored[kind].get(name)
    const against = record ?? { ...nobody[kind], n: cost[kind] }
    const right = await gates[kind](() => verifies(usable ? password : '', against))
    if (right === undefined) count.credential_checks_turned_away_total++
    // It may have been removed or replaced while the check ran.
    if (right === true && usable && record !== undefined && stored[kind].get(name)?.hash === record.hash) {
      remembered[kind].set(name, said)
      return true
    }
    count.credentials_refused_total++
    return false
  }

  let last: Promise<unknown> = Promise.resolve()
  /** Reads and writes of the file wait for each other, so that an old reading never undoes a new change. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }

  let seen = await stampOf(options.file)
  /** `user add` and `device enrol` write the same file from another process. What cannot be read leaves the last good in force [R39]. */
  const reload = async (): Promise<void> => {
    const stamp = await stampOf(options.file)
    if (stamp === seen || stamp === undefined) return
    const loaded = await loadAccounts(options.file)
    seen = stamp
    if ('stored' in loaded) adopt(loaded.stored)
  }
  const adopt = ({ devices, users }: Stored): void => {
    for (const [kind, now] of [
      ['device', devices],
      ['user', users]
    ] as const) {
      for (const name of remembered[kind].keys()) if (now.get(name)?.hash !== stored[kind].get(name)?.hash) remembered[kind].delete(name)
      stored[kind] = now
    }
  }

  const put = (kind: 'device' | 'user', name: string, record: Hashed | undefined): Promise<{ readonly failed: string } | undefined> =>
    inTurn(async () => {
      await reload()
      const next = { devices: new Map(stored.device), users: new Map(stored.user) }
      const of = kind === 'device' ? next.devices : next.users
      if (record === undefined) of.delete(name)
      else of.set(name, record)
      const saved = await saveAccounts(options.file, next)
      if (saved !== undefined) return saved
      adopt(next)
      seen = await stampOf(options.file)
      return undefined
    })

  const take = async (kind: 'device' | 'user', name: string): Promise<{ readonly removed: boolean } | { readonly failed: string }> =>
    stored[kind].has(name) ? ((await put(kind, name, undefined)) ?? { removed: true }) : { removed: false }

  return {
    checkDevice: (id, password) => check('device', id, password),
    checkUser: (name, password) => check('user', name, password),
    checkToken: token =>
      Buffer.byteLength(token) > longest_password_bytes ? undefined : tokens.get(mark('machine', '', token).toString('hex')),
    enrolDevice: async id => {
      if (named.device.has(id)) return { failed: `device ${id} has its password in a file named by station.yaml` }
      const password = randomBytes(24).toString('hex')
      const record = await gates.device(() => hashed(password, cost.device))
      if (record === undefined) return { failed: busy }
      return (await put('device', id, record)) ?? { password }
    },
    removeDevice: id => take('device', id),
    addUser: async (name, password) => {
      if (named.user.has(name)) return { failed: `user ${name} has its password in a file named by station.yaml` }
      if ([...password].length < shortest.user)
        return { failed: `the password of user ${name} is shorter than ${shortest.user} characters` }
      if (Buffer.byteLength(password) > longest_password_bytes)
        return { failed: `the password of user ${name} is longer than ${longest_password_bytes} bytes` }
      const record = await gates.user(() => hashed(password, cost.user))
      if (record === undefined) return { failed: busy }
      return (await put('user', name, record)) ?? { added: true }
    },
    removeUser: name => take('user', name),
    hasDevice: id => named.device.has(id) || stored.device.has(id),
    enrolled: () => [...stored.device.keys()],
    users: () => [...new Set([...named.user.keys(), ...stored.user.keys()])],
    warnings,
    counters: () => ({ ...count })
  }
}
