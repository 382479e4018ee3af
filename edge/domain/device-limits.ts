/** Limits of one device in place of those of the rules: a kitchen is hot every day, a boiler room is never. */
import type { Cause } from './causes.ts'
import { isOfLife } from './proposal.ts'
import { isQuantity, type Quantity, quantities } from './vocabulary.ts'

/** From which value on, in the order of the rule's own limits. */
export type Limits = Readonly<Partial<Record<Quantity, readonly number[]>>>

type Step = { readonly above: number }
const stepsOf = (settings: object, quantity: Quantity): readonly Step[] => {
  const steps = (settings as Readonly<Record<string, unknown>>)[quantity]
  return Array.isArray(steps) && steps.every(step => typeof step?.above === 'number') ? steps : []
}

/** What may be set: measured values that a rule has limits for. An alarm of the device itself has none. */
export const limitsOf = (settings: object): Limits =>
  Object.fromEntries(
    Object.keys(settings)
      .filter(isQuantity)
      .filter(quantity => quantities[quantity].max > 1)
      .map(quantity => [quantity, stepsOf(settings, quantity).map(({ above }) => above)])
      .filter(([, steps]) => (steps as readonly number[]).length > 0)
  )

/** As many as the rule has, rising, and possible at all. */
export const fitLimits = (limits: Limits, usual: Limits): boolean =>
  Object.entries(limits).every(([quantity, steps]) => {
    if (!isQuantity(quantity)) return false
    const { min, max } = quantities[quantity]
    const rises = steps.every((step, i) => step >= min && step <= max && step > (steps[i - 1] ?? Number.NEGATIVE_INFINITY))
    return steps.length === usual[quantity]?.length && rises
  })

/** Gas, smoke or fire would speak later than by the rules, or than it does `now`: that is not for whoever screws it to the wall. */
export const quietsLife = (limits: Limits, causes: readonly Cause[], now: Limits = {}): boolean =>
  (Object.entries(limits) as [Quantity, readonly number[]][]).some(([quantity, steps]) => {
    const usual = causes.filter(cause => cause.quantity === quantity)
    return usual.some(
      ({ kind, above }, i) => isOfLife(kind, quantity) && (steps[i] ?? above) > Math.max(above, now[quantity]?.[i] ?? above)
    )
  })

/** The settings of a rule for a device that has limits of its own; nothing when it has none that this rule asks about. */
export const settingsWith = (settings: object, limits: Limits | undefined): object | undefined => {
  const own = Object.entries(limits ?? {}).flatMap(([quantity, steps]) => {
    const usual = stepsOf(settings, quantity as Quantity)
    return usual.length === steps.length && usual.length > 0 ? [[quantity, usual.map((step, i) => ({ ...step, above: steps[i] }))]] : []
  })
  return own.length === 0 ? undefined : Object.fromEntries(own)
}
