/**
 * What each part of a device said last, for conventions that tell in each message only a part: where several parts say the same
 * quantity a warning must see the highest of what stands. The clear air of one smoke head says nothing of the other's.
 */
import type { Quantity } from '../../edge/domain/vocabulary.ts'
import { isFlag } from './values.ts'

type Said = { readonly value: number; readonly at: number }
export type Standing = ReturnType<typeof openStanding>

/** Names of all devices of one convention at one bridge; whoever comes after is heard and not remembered. */
const most_names = 5_000
const longest_name = 200

export const openStanding = () => {
  const owners = new Map<string, Map<Quantity, Map<string, Said>>>()
  let names = 0

  const drop = (owner: string, name: string): void => {
    for (const here of owners.get(owner)?.values() ?? []) if (here.delete(name)) names--
  }
  const forget = (owner: string): void => {
    for (const here of owners.get(owner)?.values() ?? []) names -= here.size
    owners.delete(owner)
  }
  /** A press is over at once, and an older word says nothing of how it stands. */
  const keep = (owner: string, name: string, quantity: Quantity, value: number, at = 0): void => {
    if (quantity === 'button_pressed') return
    const of = owners.get(owner) ?? new Map<Quantity, Map<string, Said>>()
    const here = of.get(quantity) ?? new Map<string, Said>()
    const before = here.get(name)
    if (before === undefined && (names >= most_names || name.length > longest_name)) return
    if (before !== undefined && before.at > at) return
    if (before === undefined) names++
    owners.set(owner, of.set(quantity, here.set(name, { value, at })))
  }
  /** Of what was said up to then; nothing when nothing was. */
  const highest = (owner: string, quantity: Quantity, at = 0): number | undefined => {
    let most: number | undefined
    for (const said of owners.get(owner)?.get(quantity)?.values() ?? []) if (said.at <= at) most = Math.max(most ?? said.value, said.value)
    return most
  }
  /** A flag as it stands with this word of it. Numbers of names that nobody announced are each for themselves: a name may never come again. */
  const flagWith = (owner: string, name: string, quantity: Quantity, value: number, at: number): number => {
    if (!isFlag(quantity)) return value
    keep(owner, name, quantity, value, at)
    return Math.max(value, highest(owner, quantity, at) ?? value)
  }
  const clear = (): void => {
    owners.clear()
    names = 0
  }
  return { keep, highest, drop, forget, clear, flagWith }
}
