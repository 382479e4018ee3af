/** What a station kept, as lines for `replay`: readings as they were heard, also while the station runs. */

import { keptReadings } from '../journal/history-lines.ts'
import type { Args } from '../main.ts'
import type { RecordedLine } from '../recorded.ts'
import { SettingsError } from '../settings.ts'

export const exportLines = async ({ options }: Args): Promise<number> => {
  if (typeof options.state !== 'string') throw new SettingsError(['--state is missing; right would be: --state var/edge'])
  for (const line of keptLines(options.state, options)) {
    // A reader that is slower than the disk is waited for, or a week would lie in memory.
    if (!process.stdout.write(`${JSON.stringify(line)}\n`)) await new Promise(drained => process.stdout.once('drain', drained))
  }
  return 0
}

export function* keptLines(dir: string, { from, to }: Args['options']): Generator<RecordedLine> {
  const [begin, end] = [momentOf('from', from, 0), momentOf('to', to, Number.MAX_SAFE_INTEGER)]
  for (const { at, device, zone, quantity, value } of keptReadings(dir, begin, end))
    yield { at: new Date(at).toISOString(), device, zone, quantity, value }
}

const momentOf = (name: string, text: string | boolean | undefined, usual: number): number => {
  if (typeof text !== 'string') return usual
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new SettingsError([`--${name} ${text}: not a time; right would be: 2026-11-28T08:00:00+08:00`])
  return at
}
