/**
 * Memory-hard hashing, a few at a time: one check of a person's password takes 128 MB for about half a second, so who may
 * wait, and how many, is decided here.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

export type Hashed = { readonly salt: string; readonly hash: string; readonly n: number; readonly r: number; readonly p: number }

/** People choose passwords: N as OWASP asks of scrypt. A device's secret is 24 random bytes, which nobody guesses at any price. */
export const userCost = 2 ** 17
export const deviceCost = 2 ** 14
const r = 8
const p = 1
const hash_bytes = 32

export const hashed = async (secret: string, n: number): Promise<Hashed> => {
  const salt = randomBytes(16)
  const hash = await derive(secret, salt, n, r, p)
  return { salt: salt.toString('base64'), hash: hash.toString('base64'), n, r, p }
}

export const verifies = async (secret: string, against: Hashed): Promise<boolean> => {
  const want = Buffer.from(against.hash, 'base64')
  const have = await derive(secret, Buffer.from(against.salt, 'base64'), against.n, against.r, against.p)
  return want.length === have.length && timingSafeEqual(want, have)
}

const derive = (secret: string, salt: Buffer, n: number, r: number, p: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(secret, salt, hash_bytes, { N: n, r, p, maxmem: 256 * n * r + 2 ** 20 }, (error, key) => (error ? reject(error) : resolve(key)))
  })

/** One at a time, `longest` waiting; the next is turned away with undefined. */
export const gate = (longest: number): (<Result>(work: () => Promise<Result>) => Promise<Result | undefined>) => {
  let last: Promise<unknown> = Promise.resolve()
  let inside = 0
  return async work => {
    if (inside > longest) return undefined
    inside++
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    try {
      return await mine
    } finally {
      inside--
    }
  }
}
