/** What people call a zone and a unit. No zone is the station as a whole: another station's call for help, power that is gone. */
import type { Desk } from '../ports.ts'

export const namesOf = (desk: Pick<Desk, 'station' | 'zones' | 'units'>) => {
  const zones = new Map(desk.zones().map(({ id, name }) => [id, name]))
  const units = new Map(desk.units().map(({ id, name }) => [id, name]))
  return {
    zoneName: (id: string): string => (id === '' ? desk.station.name : (zones.get(id) ?? id)),
    unitName: (id: string): string => units.get(id) ?? id
  }
}
