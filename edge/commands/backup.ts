import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { backupJournal } from '../journal/backup.ts'
import { verifyJournal } from '../journal/chain.ts'
import type { Args } from '../main.ts'
import { SettingsError } from '../settings.ts'

/** Copies the journal of a running station, and proves the copy before it calls it a backup. */
export const backup = async ({ options }: Args): Promise<number> => {
  const { state, to } = options
  if (typeof state !== 'string' || typeof to !== 'string')
    throw new SettingsError(['--state and --to are needed; right would be: backup --state var/edge --to /media/usb/2026-11-24'])
  await mkdir(to, { recursive: true, mode: 0o700 })
  if ((await readdir(to)).length > 0) throw new SettingsError([`--to ${to} is not empty; right would be: a new folder for each backup`])
  await backupJournal(state, join(to, 'journal.db'))
  for (const file of ['accounts.json']) {
    await copyFile(join(state, file), join(to, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }
  return report(await verifyJournal(to), to)
}

/** Puts a proved backup into an empty state folder. */
export const restore = async ({ options }: Args): Promise<number> => {
  const { from, state } = options
  if (typeof from !== 'string' || typeof state !== 'string')
    throw new SettingsError(['--from and --state are needed; right would be: restore --from /media/usb/2026-11-24 --state var/edge'])
  const found = await verifyJournal(from)
  if (!found.ok) return report(found, from)
  await mkdir(state, { recursive: true, mode: 0o700 })
  if ((await readdir(state)).includes('journal.db'))
    throw new SettingsError([`${state} holds a journal; right would be: an empty folder, so that nothing is overwritten`])
  for (const file of await readdir(from)) await copyFile(join(from, file), join(state, file))
  return report(await verifyJournal(state), state)
}

const report = (found: Awaited<ReturnType<typeof verifyJournal>>, where: string): number => {
  process.stdout.write(
    found.ok
      ? `${where}: ${found.entries} entries, the chain holds\n`
      : `${where}: the chain is broken at entry ${found.entry}: ${found.why}\n`
  )
  return found.ok ? 0 : 1
}
