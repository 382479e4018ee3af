/** How people closed the incidents that a state folder still knows: read beside a running station, which it does not disturb. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { evolve, type Incident, type IncidentEvent } from '../domain/incident.ts'

export const keptIncidents = (dir: string): readonly Incident[] => {
  const file = join(dir, 'journal.db')
  if (!existsSync(file)) return []
  const db = new Database(file, { readonly: true, timeout: 1000 })
  const incidents = new Map<string, Incident>()
  try {
    const bodies = db.prepare<[], string>("SELECT body FROM entry WHERE type LIKE 'incident!_%' ESCAPE '!' ORDER BY seq").pluck().iterate()
    for (const body of bodies) {
      const event = JSON.parse(body) as IncidentEvent
      const before = incidents.get(event.id)
      // The middle of a story without its beginning tells nothing of how it ended.
      if (before === undefined && event.type !== 'incident_opened' && !('state' in event)) continue
      incidents.set(event.id, evolve(before, event))
    }
  } finally {
    db.close()
  }
  return [...incidents.values()]
}
