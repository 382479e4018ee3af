/** The words and small shapes that every answer of the API is made of. */
import { type Static, type TSchema, Type } from 'typebox'
import { powers } from '../domain/powers.ts'
import { agencies, incidentKinds, levels, outcomes, quantities, responseStatuses, roles, severities, stages } from '../domain/vocabulary.ts'

export const words = <Word extends string>(dictionary: Readonly<Record<Word, unknown>>) => Type.Enum(Object.keys(dictionary) as Word[])
export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

export const Time = Type.String({ description: 'RFC 3339 with offset', examples: ['2026-11-24T16:00:00.000+08:00'] })
export const AgencyWord = words(agencies)
/** The card of a level: what it asks for, and where that is laid down. */
export const Action = Type.Object({ text: Type.String(), source: Type.String() }, { description: 'what the level asks for' })
export type ActionShape = Static<typeof Action>
export const KindWord = words(incidentKinds)
export const LevelWord = words(levels)
export const PowerWord = words(powers)
export const SeverityWord = Type.Enum([...severities])
export const QuantityWord = words(quantities)
export const StatusWord = words(responseStatuses)
export const StageWord = words(stages)
export const RoleWord = words(roles)
export const OutcomeWord = words(outcomes)

export const Signed = Type.Object({ by: Type.String(), at: Time })
export const Labelled = { label: Type.String() }
