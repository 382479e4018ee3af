/**
 * Tells the station that a call to one's own unit has been shown here, and that it has been heard here: never a guess.
 * Shown: the card was painted on a screen that somebody can see, and the line is alive. Heard: the last note was played to
 * its end. Each is said once; a refusal means that the station knows more already.
 */
import type { IncidentShape, ResponseShape } from '../shapes.ts'
import { ask, newKey } from './api.ts'
import { lostSince, me } from './store.ts'

const said = new Set<string>()
/** More than this are of calls long answered: the oldest is forgotten first. */
const most_said = 500
/** While the network is away it is tried for this long; later it would no longer be true of that moment. */
const tries = 5
const again_ms = 3_000

/** The units of this person that were called to the incident and have not answered. */
export const calledHere = (incident: IncidentShape): readonly ResponseShape[] => {
  if (incident.phase === 'closed') return []
  const own = me.value?.units.map(({ id }) => id) ?? []
  return incident.responses.filter(
    ({ unit, status }) => own.includes(unit) && (status === 'asked' || status === 'shown' || status === 'heard')
  )
}

export const sayShown = (incident: IncidentShape): void => {
  if (lostSince.value !== undefined || document.visibilityState !== 'visible') return
  for (const called of calledHere(incident)) if (called.status === 'asked') say(incident.id, called, 'shown')
}
export const sayHeard = (incident: IncidentShape): void => {
  for (const called of calledHere(incident)) if (called.status !== 'heard') say(incident.id, called, 'heard')
}

/** A second call to the same unit is another receipt. */
const say = (incident: string, { unit, asked_at }: ResponseShape, status: 'shown' | 'heard'): void => {
  const receipt = `${incident} ${unit} ${status} ${asked_at}`
  if (said.has(receipt)) return
  said.add(receipt)
  for (const oldest of said) if (said.size > most_said) said.delete(oldest)
  void send(`/api/incidents/${encodeURIComponent(incident)}/responses`, { unit, status }).then(arrived => !arrived && said.delete(receipt))
}

const send = async (path: string, body: { unit: string; status: 'shown' | 'heard' }): Promise<boolean> => {
  const key = newKey()
  for (let tried = 0; tried < tries; tried++) {
    const answer = await ask('POST', path, body, key)
    if (!('problem' in answer) || answer.status !== 0) return true
    await new Promise(resolve => setTimeout(resolve, again_ms))
  }
  return false
}
