import type { Cover } from '../cover.ts'
import type { RunCard } from '../dispatch.ts'
import type { Ladder } from '../incident.ts'
import type { Agency, IncidentKind, Label, Quantity, Severity, Use } from '../vocabulary.ts'

/** A kind of station: which agencies share the duty, who is called for what, and how long silence may last. */
export type Template = {
  readonly label: Label
  readonly agencies: readonly Agency[]
  /** Uses of zones that such a station has; the demo and the manual start from them. */
  readonly uses: readonly Use[]
  /** What somebody or something should watch in a zone of that use: what is missing is shown to the installer. */
  readonly expects?: Readonly<Partial<Record<Use, readonly Quantity[]>>>
  readonly ladder: Ladder
  readonly cards: readonly RunCard[]
  /** Which alerts stay until they are reset, and how soon one that goes on sounds again. */
  readonly alarms?: Alarms
  /** How few may be on duty, where the station says nothing else. Of agencies that have a unit there. */
  readonly cover?: readonly Cover[]
  /** Changes to the rules' own settings, by rule. */
  readonly rules: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export type Alarms = { readonly latching: readonly IncidentKind[]; readonly realarm_s: Readonly<Partial<Record<Severity, number>>> }

/** Crowd and fire latch: that the sensor has gone quiet is no proof that it is over. */
export const usualAlarms: Alarms = { latching: ['crowd', 'fire'], realarm_s: { red: 900, orange: 3600 } }

export const defineTemplate = (template: Template): Template => template

/** Something of the station's own has to be mended: minutes, not seconds, and the city cannot help. */
export const repairLadder: Ladder = {
  enough: 'each_agency',
  rungs: [
    { ask: 'on_duty', within_s: 60 },
    { ask: 'backup', within_s: 120 },
    { ask: 'commander', within_s: 300 }
  ]
}

/** Asked; after 15 s the rest of the silent agencies; after 30 s more the commander; after a minute more the city. */
export const usualLadder: Ladder = {
  enough: 'each_agency',
  rungs: [
    { ask: 'on_duty', within_s: 15 },
    { ask: 'backup', within_s: 30 },
    { ask: 'commander', within_s: 60 },
    { ask: 'city', within_s: 60 }
  ]
}
