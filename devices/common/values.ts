/** What the conventions share when they turn their words into ours. */
import { type Quantity, quantities } from '../../edge/domain/vocabulary.ts'
import { unreadable } from './payload.ts'

export type Values = Partial<Record<Quantity, number>>

/** 21.5 °C is 70.7 °F is 21.500000000000004 °C: conversions are cut to what a sensor could mean. */
export const tidy = (value: number): number => Math.round(value * 1e6) / 1e6

export const fahrenheit = (value: number): number => tidy((value - 32) / 1.8)

/** A quantity that is so or is not. */
export const isFlag = (quantity: Quantity): boolean => quantities[quantity].unit === '' && quantities[quantity].max === 1

/** A value as it fits its quantity, or what would be right: a flag is true or false, 1 or 0, and anything else is a number. */
export const fitted = (quantity: Quantity, value: unknown): number | { readonly unreadable: string } => {
  if (isFlag(quantity))
    return typeof value === 'boolean' || value === 0 || value === 1
      ? Number(value)
      : unreadable(`${quantity} 应为 true 或 false、1 或 0`, `${quantity} is true or false, 1 or 0`)
  return typeof value === 'number' && Number.isFinite(value) ? value : unreadable(`${quantity} 应为数字`, `${quantity} must be a number`)
}

export const flag = (value: boolean): number => (value ? 1 : 0)

/** A device has one reading per quantity: where several of its parts say the same one, a warning must see the highest. */
export const highest = (into: Values, quantity: Quantity, value: number | undefined | null): void => {
  if (value === undefined || value === null) return
  into[quantity] = Math.max(into[quantity] ?? value, value)
}

/** 1 of each: what the examples of conventions say that may carry any quantity. */
export const everyQuantity = Object.fromEntries(Object.keys(quantities).map(word => [word, 1])) as Record<Quantity, number>
