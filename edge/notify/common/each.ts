/** One message to several addresses of a unit, a few at a time. Who has it already is not sent it again when another is tried again. */
import type { Sent } from '../channel.ts'

type Failure = Extract<Sent, { failed: string }>
type SendToEach = (
  id: string,
  addresses: readonly string[],
  /** Nothing when it has arrived. */
  one: (address: string) => Promise<Failure | undefined>
) => Promise<Sent>

const at_once = 4
/** Messages of which is remembered who has them; after a restart somebody may get one twice. */
const most_remembered = 1000

export const openEach = (): SendToEach => {
  const known = new Map<string, Map<string, Failure | 'arrived'>>()
  return async (id, addresses, one) => {
    const came = known.get(id) ?? new Map<string, Failure | 'arrived'>()
    known.set(id, came)
    const [oldest] = known.keys()
    if (known.size > most_remembered && oldest !== undefined) known.delete(oldest)

    const again: Failure[] = []
    const left = addresses.filter(address => !came.has(address)).values()
    const work = async (): Promise<void> => {
      for (const address of left) {
        const failure = await one(address)
        if (failure?.retry) again.push(failure)
        else came.set(address, failure ?? 'arrived')
      }
    }
    await Promise.all(Array.from({ length: at_once }, work))

    const [first] = again
    if (first !== undefined) {
      const after_ms = Math.max(...again.map(failure => failure.after_ms ?? 0))
      return { ...first, ...(after_ms > 0 && { after_ms }) }
    }
    known.delete(id)
    const outcomes = [...came.values()]
    const arrived = outcomes.filter(outcome => outcome === 'arrived').length
    if (arrived > 0) return { receipt: 'sent', note: `${arrived}/${outcomes.length}` }
    return outcomes.find(outcome => outcome !== 'arrived') ?? { receipt: 'sent', note: '0/0' }
  }
}
