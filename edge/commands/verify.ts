import { verifyJournal } from '../journal/chain.ts'
import type { Args } from '../main.ts'
import { SettingsError } from '../settings.ts'

/** Recomputes the journal's chain and names the first entry that is not what was written. */
export const verify = async ({ options }: Args): Promise<number> => {
  if (typeof options.state !== 'string') throw new SettingsError(['--state is missing; right would be: --state var/edge'])
  const found = await verifyJournal(options.state)
  if (found.ok) {
    process.stdout.write(`日志完整 the chain holds: ${found.entries} entries, head ${found.head}\n`)
    return 0
  }
  process.stdout.write(`日志链断裂 the chain is broken at entry ${found.entry}: ${found.why}\n`)
  return 1
}
