/** The people, units, zones and machines of the station that the console's tests know. */
import type { Unit } from '../../edge/domain/roster.ts'
import type { Zone } from '../../edge/domain/zone.ts'
import type { Who } from '../../edge/ports.ts'

export const units: readonly Unit[] = [
  {
    id: 'patrol-1',
    name: '巡逻一组',
    agency: 'police',
    members: ['commander', 'wang'],
    zones: ['platform-1'],
    commands: false,
    shifts: []
  },
  { id: 'patrol-2', name: '巡逻二组', agency: 'police', members: ['li'], zones: [], commands: true, shifts: [] },
  { id: 'fire-1', name: '微型消防站', agency: 'fire', members: ['zhao'], zones: [], commands: false, shifts: [] },
  { id: 'ops-1', name: '运营值班', agency: 'operator', members: ['chen'], zones: [], commands: false, shifts: [] }
]
export const zones: readonly Zone[] = [
  { id: 'platform-1', name: '一号站台', use: 'platform', area_m2: 180, capacity: 400 },
  { id: 'hall', name: '换乘大厅', use: 'walkway', area_m2: 420 },
  { id: 'stairs-b', name: 'B口楼梯', use: 'stairs', area_m2: 40 },
  { id: 'gate', name: '安检排队区', use: 'queue', area_m2: 90 }
]
export const people: Readonly<Record<string, Omit<Who, 'name' | 'machine' | 'scopes' | 'units'>>> = {
  commander: { agency: 'police', roles: ['duty_commander'] },
  wang: { agency: 'police', roles: ['officer'] },
  li: { agency: 'police', roles: ['officer', 'duty_commander'] },
  zhao: { agency: 'fire', roles: ['officer'] },
  chen: { agency: 'operator', roles: ['officer'] },
  installer: { agency: 'maintenance', roles: ['installer'] },
  auditor: { agency: undefined, roles: ['auditor'] }
}
export const password = 'a long enough password'
export const tokens: Readonly<Record<string, Who>> = {
  'token-that-reads-0001': machine('reader', ['read']),
  'token-that-writes-001': machine('writer', ['read', 'write'])
}
function machine(name: string, scopes: readonly string[]): Who {
  return { name, agency: undefined, roles: [], units: [], machine: true, scopes }
}
export const who = (name: string): Who | undefined => {
  const person = Object.hasOwn(people, name) ? people[name] : undefined
  if (person === undefined) return undefined
  return { name, ...person, units: units.filter(unit => unit.members.includes(name)).map(({ id }) => id), machine: false, scopes: [] }
}
