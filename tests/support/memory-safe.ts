/** A safe without a disk: the same port, for desks without a station behind them. */
import type { PersonSought } from '../../edge/domain/sought.ts'
import type { Safe } from '../../edge/ports.ts'

export const memorySafe = (): Safe => {
  const held = new Map<string, PersonSought>()
  return {
    get: incident => held.get(incident),
    all: () => [...held.values()],
    keep: async sought => void held.set(sought.incident, sought),
    erase: async incident => void held.delete(incident)
  }
}
