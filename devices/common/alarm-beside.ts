/**
 * An alarm beside something that does not fit: `{"smoke": true, "temperature": "warm"}`. The message stays unreadable; who calls for
 * help in it is heard all the same. An all-clear is not taken out of such a message, nor a number whose unit may be what was wrong.
 */
import type { Validator } from 'typebox/compile'
import { believable, type Quantity } from '../../edge/domain/vocabulary.ts'
import type { Behind, Decoded, Said, Timed } from '../device.ts'
import type { Values } from './values.ts'

const most_misfits = 4

/** The value without the places that do not fit, which are taken out of it; nothing when that is all of it, or too much. */
export const withoutMisfits = (check: Validator, value: unknown): unknown => {
  for (let i = 0; i < most_misfits; i++) {
    const [first] = check.Errors(value)
    if (first === undefined || !takeOut(value, first.instancePath)) return undefined
    if (check.Check(value)) return value
  }
  return undefined
}

const takeOut = (value: unknown, pointer: string): boolean => {
  const path = pointer
    .split('/')
    .slice(1)
    .map(word => word.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = path.pop()
  let holder: unknown = value
  for (const word of path) {
    if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, word)) return false
    holder = (holder as Readonly<Record<string, unknown>>)[word]
  }
  if (last === undefined || typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, last)) return false
  if (Array.isArray(holder)) holder.splice(Number(last), 1)
  else delete (holder as Record<string, unknown>)[last]
  return true
}

/** Of what was understood the alarms alone, with what was not; nothing when nobody calls. */
export const alarmsIn = (decoded: Decoded, misread: string): Said | Behind | undefined => {
  if ('reply' in decoded) return alarmsIn(decoded.said, misread)
  if ('announces' in decoded) return undefined
  if (!('behind' in decoded)) {
    const records = alarmsOf(decoded)
    return records.length > 0 ? { records, misread } : undefined
  }
  const behind = decoded.behind.flatMap(({ topic, said }) => {
    const records = alarmsOf(said)
    return records.length > 0 ? [{ topic, said: { records } }] : []
  })
  return behind.length > 0 ? { behind, misread } : undefined
}

const alarmsOf = (said: Said): readonly Timed[] => {
  if ('nothing' in said || 'online' in said || 'unreadable' in said) return []
  const records = 'records' in said ? said.records : 'values' in said ? [said] : [{ values: said }]
  return records.flatMap(({ values, at }) => {
    const alarms: Values = Object.fromEntries(
      Object.entries(values).filter(([quantity, value]) => value === 1 && believable(quantity as Quantity).urgent)
    )
    return Object.keys(alarms).length > 0 ? [{ values: alarms, at }] : []
  })
}
