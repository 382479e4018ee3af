import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { backupJournal, restoreJournal } from '../journal/backup.ts'
import type { Verdict } from '../journal/chain.ts'
import type { Args } from '../main.ts'
import { SettingsError } from '../settings.ts'

/** Copies the journal of a running station, and proves the copy before it calls it a backup. */
export const backup = async ({ options }: Args): Promise<number> => {
  const { state, to } = options
  if (typeof state !== 'string' || typeof to !== 'string')
    throw new SettingsError(['--state and --to are needed; right would be: backup --state var/edge --to /media/usb/2026-11-24'])
  await mkdir(to, { recursive: true, mode: 0o700 })
  if ((await readdir(to)).length > 0) throw new SettingsError([`--to ${to} is not empty; right would be: a new folder for each backup`])
  const found = await backupJournal(state, to)
  await copyAccounts(state, to)
  return report(found, to)
}

/** Puts a proved backup into an empty state folder. */
export const restore = async ({ options }: Args): Promise<number> => {
  const { from, state } = options
  if (typeof from !== 'string' || typeof state !== 'string')
    throw new SettingsError(['--from and --state are needed; right would be: restore --from /media/usb/2026-11-24 --state var/edge'])
  const found = restoreJournal(from, state)
  if (found.ok) await copyAccounts(from, state)
  return report(found, found.ok ? state : from)
}

/** Passwords of enrolled devices and people, as scrypt; a station without any has no such file. */
const copyAccounts = async (from: string, to: string): Promise<void> => {
  await copyFile(join(from, 'accounts.json'), join(to, 'accounts.json')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

const report = (found: Verdict, where: string): number => {
  process.stdout.write(
    found.ok
      ? `${where}: ${found.entries} entries, the chain holds\n`
      : `${where}: the chain is broken at entry ${found.entry}: ${found.why}\n`
  )
  return found.ok ? 0 : 1
}
