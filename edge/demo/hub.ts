/** The demo's transport hub: zones, devices, people and units, and what goes wrong in it. */
import type { Line } from '../scenario.ts'
import type { DemoDevice } from './files.ts'

export const zones = [
  { id: 'platform-1', name: '一号站台', use: 'platform', area_m2: 120, capacity: 400 },
  { id: 'stairs-a', name: 'A口楼梯', use: 'stairs', area_m2: 60 },
  { id: 'gate-b', name: 'B口安检', use: 'queue', area_m2: 90 },
  { id: 'concourse', name: '候车大厅', use: 'waiting', area_m2: 900, capacity: 1200 },
  { id: 'food-row', name: '美食街', use: 'walkway', area_m2: 300 }
] as const

export const devices: readonly DemoDevice[] = [
  { id: 'z2m', profile: 'zigbee2mqtt-bridge', zone: 'concourse', topic: 'zigbee2mqtt' },
  { id: 'smoke-b3', profile: 'zigbee2mqtt', zone: 'food-row', topic: 'zigbee2mqtt/smoke-b3', via: 'z2m' },
  { id: 'hall-climate', profile: 'zigbee2mqtt', zone: 'concourse', topic: 'zigbee2mqtt/hall-climate', via: 'z2m' },
  { id: 'panic-b', profile: 'zigbee2mqtt', zone: 'gate-b', topic: 'zigbee2mqtt/panic-b', via: 'z2m' },
  { id: 'th16', profile: 'tasmota', zone: 'food-row', topic: 'TH16' },
  { id: 'shelly-fan', profile: 'shelly-gen2', zone: 'concourse', topic: 'shellyplus1-441793ab3fb4' },
  { id: 'air-1', profile: 'senml', zone: 'concourse', topic: 'devices/air-1' },
  { id: 'count-stairs', profile: 'json', zone: 'stairs-a', topic: 'devices/count-stairs' },
  { id: 'count-gate', profile: 'json', zone: 'gate-b', topic: 'devices/count-gate' },
  { id: 'count-hall', profile: 'json', zone: 'concourse', topic: 'devices/count-hall' }
]

/** One person for each agency; the names are duties, not people. */
export const people = [
  { name: 'commander', agency: 'police', roles: ['duty_commander', 'officer'] },
  { name: 'patrol', agency: 'police', roles: ['officer'] },
  { name: 'traffic', agency: 'traffic_police', roles: ['officer'] },
  { name: 'fire', agency: 'fire', roles: ['officer'] },
  { name: 'operator', agency: 'operator', roles: ['officer'] },
  { name: 'medic', agency: 'medical', roles: ['officer'] },
  { name: 'guard', agency: 'guard', roles: ['officer'] },
  { name: 'volunteer', agency: 'volunteer', roles: ['officer'] },
  { name: 'installer', agency: 'maintenance', roles: ['installer', 'engineer'] },
  { name: 'auditor', agency: 'police', roles: ['auditor'] }
] as const

export const units = [
  { id: 'command', name: '值班指挥长', agency: 'police', commands: true },
  { id: 'patrol-1', name: '巡逻一组', agency: 'police', zones: ['platform-1', 'food-row', 'gate-b'] },
  { id: 'traffic-1', name: '交警一组', agency: 'traffic_police' },
  { id: 'fire-1', name: '消防一组', agency: 'fire', zones: ['food-row'] },
  { id: 'staff-1', name: '站务一组', agency: 'operator', zones: ['platform-1'] },
  { id: 'medic-1', name: '急救一组', agency: 'medical' },
  { id: 'guard-1', name: '保安一组', agency: 'guard' },
  { id: 'volunteer-1', name: '志愿者一组', agency: 'volunteer' },
  { id: 'works-1', name: '维保一组', agency: 'maintenance' }
] as const

const counts = (device: string, usual: number, swing: number): readonly Line[] =>
  Array.from({ length: 1800 }, (_, i) => ({
    at_s: 1 + i * 2,
    device,
    payload: { people_count: Math.max(0, Math.round(usual + swing * Math.sin(i / 11) + swing * 0.4 * Math.sin(i / 3.7))) }
  }))

/** An hour at the hub: people come and go, and in the first minute a stall in the food row begins to smoke. */
export const story: readonly Line[] = [
  ...counts('count-stairs', 22, 14),
  ...counts('count-gate', 70, 30),
  ...counts('count-hall', 420, 160),
  { at_s: 25, device: 'smoke-b3', payload: { smoke: true, battery: 96, linkquality: 118 } },
  { at_s: 240, device: 'smoke-b3', payload: { smoke: false, battery: 96, linkquality: 118 } },
  { at_s: 300, device: 'panic-b', payload: { action: 'single', battery: 88, linkquality: 90 } }
].sort((a, b) => a.at_s - b.at_s)
