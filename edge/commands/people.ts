import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Config } from '../config.ts'
import { loadDefinitions } from '../definitions.ts'
import { type Accounts, openAccounts } from '../ingest/accounts.ts'
import type { Args } from '../main.ts'
import { SettingsError } from '../settings.ts'
import { configOf } from './run.ts'

/** Sets the password of a person of station.yaml; only its scrypt is kept. */
export const userAdd = async (args: Args): Promise<number> => {
  const { config, accounts } = await open(args)
  const [name] = args.words
  if (name === undefined || !config.users.some(user => user.name === name)) {
    throw new SettingsError([
      `user add ${name ?? ''}: no such person; right would be: one of ${config.users.map(user => user.name).join(', ')} of station.yaml`
    ])
  }
  const file = args.options['password-file']
  const added = await accounts.addUser(
    name,
    typeof file === 'string' ? readFileSync(file, 'utf8').trim() : await ask(`口令 password of ${name}: `)
  )
  if ('failed' in added) throw new SettingsError([added.failed])
  process.stdout.write(`${name}: 口令已设置 the password is set\n`)
  return 0
}

/** Makes the password of a device of station.yaml and shows it this once. */
export const deviceEnrol = async (args: Args): Promise<number> => {
  const { config, accounts } = await open(args)
  const [id] = args.words
  if (id === undefined || !config.devices.some(device => device.id === id)) {
    throw new SettingsError([
      `device enrol ${id ?? ''}: no such device; right would be: one of ${config.devices.map(device => device.id).join(', ')} of station.yaml`
    ])
  }
  const made = await accounts.enrolDevice(id)
  if ('failed' in made) throw new Error(made.failed)
  process.stdout.write(`${made.password}\n`)
  return 0
}

const open = async (args: Args): Promise<{ config: Config; accounts: Accounts }> => {
  const { config } = configOf(args, await loadDefinitions())
  mkdirSync(config.state_dir, { recursive: true, mode: 0o700 })
  const accounts = await openAccounts({
    file: join(config.state_dir, 'accounts.json'),
    devices: config.devices,
    machines: config.machines,
    users: config.users
  })
  if ('failed' in accounts) throw new Error(accounts.failed)
  return { config, accounts }
}

/** From standard input, without an echo on a terminal. */
const ask = async (question: string): Promise<string> => {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY })
  process.stderr.write(question)
  const answer = await lines.question('')
  lines.close()
  process.stderr.write('\n')
  return answer.trim()
}
