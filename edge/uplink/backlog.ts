/** How far the cloud is behind, and how long the disk will hold what it lacks. */
import type { History, HistoryStats, Journal } from '../ports.ts'
import type { Cursors } from './batches.ts'

export const backlogOf = (
  journal: Journal,
  history: History,
  cursors: Cursors
): { readonly records: number; readonly oldest: number | undefined } => {
  const stats = history.stats()
  const oldest = [
    journal.read(cursors.red, 1, 'red')[0]?.event.at,
    journal.read(cursors.events, 1, 'events')[0]?.event.at,
    stats.backlog_points > 0 ? stats.backlog_from : undefined
  ].filter(at => at !== undefined)
  return {
    records: journal.count('red', cursors.red) + journal.count('events', cursors.events) + stats.backlog_points,
    oldest: oldest.length === 0 ? undefined : Math.min(...oldest)
  }
}

const hour_ms = 3_600_000

/**
 * Hours until the oldest reading the cloud lacks must go for want of room, at the pace of the present backlog.
 * Unknown while there is no backlog to measure a pace from, or no block has been seen yet.
 */
export const forecastOf = (stats: HistoryStats, block_bytes: number | undefined, now: number): number | undefined => {
  if (block_bytes === undefined || stats.backlog_from === undefined || stats.backlog_blocks < 2) return undefined
  const bytes = stats.backlog_blocks * block_bytes
  const hours = (now - stats.backlog_from) / hour_ms
  return hours <= 0 ? undefined : Math.max(0, ((stats.max_bytes - bytes) / bytes) * hours)
}
