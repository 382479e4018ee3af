import { verifyJournal } from '../journal/chain.ts'
import type { Args } from '../main.ts'
import { SettingsError } from '../settings.ts'
import { verifyBundleFile } from './verify-bundle.ts'

/** Recomputes the journal's chain and names the first entry that is not what was written; or checks a sealed hand-over. */
export const verify = async ({ options: { state, bundle, key } }: Args): Promise<number> => {
  if (typeof bundle === 'string') return verifyBundleFile(bundle, typeof key === 'string' ? key : undefined)
  if (typeof state !== 'string') throw new SettingsError(['--state is missing; right would be: --state var/edge, or --bundle FILE'])
  const found = await verifyJournal(state)
  if (found.ok) {
    process.stdout.write(`日志完整 the chain holds: ${found.entries} entries, head ${found.head}\n`)
    return 0
  }
  process.stdout.write(`日志链断裂 the chain is broken at entry ${found.entry}: ${found.why}\n`)
  return 1
}
