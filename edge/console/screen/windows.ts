/** Maintenance windows as the station knows them: their own page shows them, and an alert names the patrol that stands in for it. */
import { shallowRef } from 'vue'
import type { MaintenanceShape } from '../maintenance-shape.ts'
import { ask } from './api.ts'

export const windows = shallowRef<readonly MaintenanceShape[]>()
export const windows_problem = shallowRef('')

export const loadWindows = async (): Promise<void> => {
  const answer = await ask<MaintenanceShape[]>('GET', '/api/maintenance')
  if ('data' in answer) windows.value = answer.data
  windows_problem.value = 'data' in answer ? '' : answer.problem
}
