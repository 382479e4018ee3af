/** The roster as the station told it last; every order about it is answered with the roster as it is then. */
import { shallowRef } from 'vue'
import type { RosterShape } from '../roster-shape.ts'
import { act } from './actions.ts'
import { ask } from './api.ts'

export const roster = shallowRef<RosterShape>()
export const roster_problem = shallowRef('')

export const loadRoster = async (): Promise<void> => {
  const answer = await ask<RosterShape>('GET', '/api/roster')
  if ('data' in answer) roster.value = answer.data
  roster_problem.value = 'data' in answer ? '' : answer.problem
}

export const orderRoster = async (method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<boolean> => {
  const now = await act<RosterShape>(method, path, body)
  if (now !== undefined) roster.value = now
  return now !== undefined
}
