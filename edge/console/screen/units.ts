/** The units of the station, asked for once a screen: their names stand in forms and tables. */
import { shallowRef } from 'vue'
import type { UnitShape } from '../shapes.ts'
import { ask } from './api.ts'

export const units = shallowRef<readonly UnitShape[]>([])

export const loadUnits = async (): Promise<void> => {
  const answer = await ask<UnitShape[]>('GET', '/api/units')
  if ('data' in answer) units.value = answer.data
}
export const unitName = (id: string): string => units.value.find(unit => unit.id === id)?.name ?? id
export const unitOptions = (): { value: string; label: string }[] =>
  units.value.map(({ id, name, agency_label }) => ({ value: id, label: `${name} · ${agency_label}` }))
