/**
 * Who may do what over HTTP: the one table. A route that is not in it does not start (app.ts), so a new route is a decision here first.
 * `everyone` needs no sign-in; otherwise a person needs one of the roles, a machine the scope, and what is not named is not allowed.
 */

import { type Role, roles } from '../domain/vocabulary.ts'
import type { Who } from '../ports.ts'

export type Scope = 'read' | 'write'
export type Allowed = 'everyone' | { readonly roles: readonly Role[]; readonly scope?: Scope }

const anyRole = Object.keys(roles) as Role[]
const duty: readonly Role[] = ['duty_commander', 'officer']

const reads: Allowed = { roles: anyRole, scope: 'read' }
const acts: Allowed = { roles: duty, scope: 'write' }
const personOnDuty: Allowed = { roles: duty }
const commands: Allowed = { roles: ['duty_commander'] }
const looksAfterDevices: Allowed = { roles: ['duty_commander', 'installer'] }
/** Pictures are part of it, so nobody else may, whatever they may read. */
const calibrates: Allowed = { roles: ['duty_commander', 'installer'] }

export const policy: Readonly<Record<string, Allowed>> = {
  'GET /': 'everyone',
  'GET /assets/*': 'everyone',
  'GET /healthz': 'everyone',
  'GET /readyz': 'everyone',
  'GET /metrics': 'everyone',
  'GET /openapi.json': 'everyone',
  'POST /api/session': 'everyone',
  'DELETE /api/session': 'everyone',
  'GET /api/me': { roles: anyRole, scope: 'read' },
  'GET /api/station': reads,
  'GET /api/devices': reads,
  'GET /api/devices/:id': reads,
  'GET /api/onboarding': looksAfterDevices,
  'POST /api/devices': looksAfterDevices,
  'DELETE /api/devices/:id': looksAfterDevices,
  'POST /api/devices/:id/credential': looksAfterDevices,
  'DELETE /api/devices/:id/credential': looksAfterDevices,
  'POST /api/devices/:id/replacement': looksAfterDevices,
  'PUT /api/devices/:id/limits': looksAfterDevices,
  'GET /api/cameras': reads,
  'GET /api/cameras/:id': reads,
  'GET /api/cameras/:id/still': personOnDuty,
  'POST /api/cameras/:id/view': looksAfterDevices,
  'GET /api/cameras/:id/live': personOnDuty,
  'GET /api/cameras/:id/calibration': calibrates,
  'GET /api/cameras/:id/calibration.yaml': calibrates,
  'GET /api/cameras/:id/calibration/still': calibrates,
  'POST /api/cameras/:id/calibration': calibrates,
  'DELETE /api/cameras/:id/calibration/:what': calibrates,
  'POST /api/cameras/:id/scale': calibrates,
  'GET /api/readings': reads,
  'GET /api/readings/latest': reads,
  'GET /api/expected': reads,
  'GET /api/zones': reads,
  'GET /api/zones/:id': reads,
  'GET /api/forecasts': reads,
  'GET /api/board': reads,
  'GET /api/coverage': reads,
  'GET /api/alerts': reads,
  'GET /api/alerts/:id': reads,
  'POST /api/alerts/:id/acknowledgement': acts,
  'POST /api/alerts/:id/confirmation': personOnDuty,
  'POST /api/alerts/:id/reset': personOnDuty,
  'POST /api/alerts/:id/shelf': personOnDuty,
  'DELETE /api/alerts/:id/shelf': personOnDuty,
  'GET /api/drills': reads,
  'POST /api/drills': commands,
  'DELETE /api/drills/:id': commands,
  'GET /api/maintenance': reads,
  'GET /api/maintenance/due-soon': reads,
  'POST /api/maintenance': looksAfterDevices,
  'POST /api/maintenance/:id/rounds': personOnDuty,
  'DELETE /api/maintenance/:id': looksAfterDevices,
  'GET /api/reports': reads,
  'POST /api/reports': acts,
  'GET /api/incidents': reads,
  'POST /api/incidents': acts,
  'GET /api/incidents/:id': reads,
  'POST /api/incidents/:id/responses': acts,
  'POST /api/incidents/:id/acknowledgement': acts,
  'POST /api/incidents/:id/notes': acts,
  'POST /api/incidents/:id/tasks': acts,
  'POST /api/incidents/:id/tasks/:task/completion': acts,
  'DELETE /api/incidents/:id/tasks/:task': acts,
  'POST /api/incidents/:id/check-ins': acts,
  'POST /api/incidents/:id/attachments': acts,
  'POST /api/incidents/:id/merge': commands,
  'POST /api/incidents/:id/split': commands,
  'POST /api/incidents/:id/reopening': commands,
  // Never a machine: nothing public sounds unless a person says so.
  'POST /api/incidents/:id/actions/:action/confirmation': personOnDuty,
  'POST /api/incidents/:id/actions/:action/stop': personOnDuty,
  'POST /api/incidents/:id/all-clear': personOnDuty,
  'POST /api/incidents/:id/closure': personOnDuty,
  // Personal: for people on duty here alone, and each reading is written down.
  'GET /api/incidents/:id/description': personOnDuty,
  'PUT /api/incidents/:id/description': personOnDuty,
  'POST /api/incidents/:id/handover-receipt': personOnDuty,
  'GET /api/incidents/:id/timeline': reads,
  'GET /api/incidents/:id/report': reads,
  'GET /api/incidents/:id/cap.xml': reads,
  // All that is known leaves the house with it.
  'GET /api/incidents/:id/bundle': { roles: ['duty_commander', 'auditor'] },
  'POST /api/cap': acts,
  'GET /api/station/key': reads,
  'GET /api/roster': reads,
  'POST /api/roster/absences': personOnDuty,
  'DELETE /api/roster/absences/:id': personOnDuty,
  'POST /api/roster/swaps': personOnDuty,
  'DELETE /api/roster/swaps/:id': personOnDuty,
  'POST /api/handover': commands,
  'DELETE /api/handover': commands,
  'POST /api/handover/read-back': commands,
  'POST /api/handover/confirmation': commands,
  'POST /api/handover/take': commands,
  'GET /api/powers': reads,
  'GET /api/units': reads,
  'GET /api/live': reads,
  'GET /api/operator-load': { roles: ['duty_commander', 'engineer', 'auditor'], scope: 'read' },
  'GET /api/shadow': { roles: ['duty_commander', 'engineer', 'auditor'], scope: 'read' },
  'GET /api/proposals': { roles: ['duty_commander', 'engineer', 'auditor'], scope: 'read' },
  // Who answers for the alarms of the night takes a limit over; the engineer sees what it would do.
  'POST /api/proposals/:id/acceptance': commands,
  'DELETE /api/proposals/:id/acceptance': commands,
  'POST /api/proposals/:id/rejection': commands,
  'GET /api/audit': { roles: ['auditor', 'duty_commander'] }
}

export const may = (who: Who, allowed: Allowed): boolean => {
  if (allowed === 'everyone') return true
  if (who.machine) return allowed.scope !== undefined && who.scopes.includes(allowed.scope)
  return who.roles.some(role => allowed.roles.includes(role))
}

/** The names of everything this person may do, for a screen that shows only the buttons that work. */
export const mayDo = (who: Who): string[] => Object.keys(policy).filter(route => may(who, policy[route] ?? { roles: [] }))
