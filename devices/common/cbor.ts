/**
 * CBOR (RFC 8949) of small devices, with limits: no deeper than a message needs, no key twice, no tag but the decimal fraction,
 * nothing JSON could not say either. Bytes become a value or a reason, never an exception.
 */
import { decode, type Token, Tokenizer, Type } from 'cborg'
import { unreadable } from './payload.ts'

const max_depth = 6
/** 10^±30 is more than any sensor means; further out a fraction is a trick. */
const max_exponent = 30

/** Counts what is open, so that bytes cannot make the decoder call itself more often than a message needs. */
class Shallow extends Tokenizer {
  readonly #open: number[] = []

  override next(): Token {
    const token = super.next()
    if (Type.equals(token.type, Type.break)) this.#open.pop()
    else {
      if (this.#open.length > 0) this.#open.push((this.#open.pop() as number) - 1)
      if (Type.equals(token.type, Type.array)) this.#open.push(token.value)
      else if (Type.equals(token.type, Type.map)) this.#open.push(2 * token.value)
      else if (Type.equals(token.type, Type.tag)) this.#open.push(1)
      if (this.#open.length > max_depth) throw new Error(`nested deeper than ${max_depth}`)
    }
    while (this.#open.at(-1) === 0) this.#open.pop()
    return token
  }
}

const options = {
  strict: false,
  allowIndefinite: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowUndefined: false,
  allowBigInt: false,
  allowNaN: false,
  allowInfinity: false,
  tags: { 4: (inner: () => unknown): number => decimal(inner()) }
} as const

/** [exponent, mantissa]: 273.15 is [-2, 27315]. */
const decimal = (said: unknown): number => {
  if (!Array.isArray(said) || said.length !== 2) throw new Error('a decimal fraction is an exponent and a mantissa')
  const [exponent, mantissa] = said as readonly unknown[]
  if (!Number.isInteger(exponent) || !Number.isInteger(mantissa) || Math.abs(exponent as number) > max_exponent)
    throw new Error('a decimal fraction is two whole numbers, the first small')
  return Number(`${mantissa}e${exponent}`)
}

export const parseCbor = (bytes: Uint8Array): { readonly value: unknown } | { readonly unreadable: string } => {
  try {
    return { value: decode(bytes, { ...options, tokenizer: new Shallow(bytes, options) }) }
  } catch (cause) {
    const why = (cause as Error).message.replace(/^CBOR decode error: /, '').slice(0, 100)
    return unreadable('内容不是可接受的 CBOR', `the payload is not CBOR we accept: ${why}`)
  }
}
