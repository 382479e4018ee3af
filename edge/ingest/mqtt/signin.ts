/**
 * Who is it? Decides every CONNECT: names and ids that are fit to be kept, credentials (few checks at a time, a queue with an end,
 * a pause for those who guess), and which id the session has. Inside the broker an id always begins with its owner's name,
 * so no credential can ever take over, or even see, the session of another.
 */
import type { Principal } from '../../ports.ts'
import { openBuckets } from './buckets.ts'
import type { RefusedWhy } from './counters.ts'
import type { Certified } from './doors.ts'
import type { Limits } from './limits.ts'
import { whyOddName } from './topics.ts'

export type Authenticate = (
  username: string,
  password: Uint8Array,
  address: string,
  certified: Certified | undefined
) => Promise<Principal | undefined>

export type Asking = {
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
  readonly client_id: string
  readonly clean: boolean
  readonly address: string
  readonly certified: Certified | undefined
  readonly gone: () => boolean
}
/**
 * `code` is the return code of the CONNACK: 2 identifier, 4 bad user name or password, 5 not authorised. Without one the line is closed
 * unanswered: mqtt.js takes any refusal for final and never connects again (seen with 3, "server unavailable"), so what will pass must not be one.
 */
export type Code = 2 | 4 | 5 | undefined
export type SignedIn =
  | { readonly principal: Principal; readonly session_id: string }
  | { readonly refused: RefusedWhy; readonly code: Code }

type SignInOptions = {
  readonly authenticate: Authenticate
  readonly isKnown: (id: string) => boolean
  readonly limits: Limits
  readonly trouble: (why: string) => void
}

export type SignIn = {
  readonly ask: (asking: Asking) => Promise<SignedIn>
  /** Whoever is being checked just now under this name was checked against rights that no longer hold. */
  readonly outdate: (id: string) => void
}

export const openSignIn = ({ authenticate, isKnown, limits, trouble }: SignInOptions): SignIn => {
  let checking = 0
  let unnamed = 0
  // When rights changed, counted, for as long as a check runs that may have read the old ones.
  let changes = 0
  const changed = new Map<string, number>()
  const waiting: (() => void)[] = []
  // Five guesses of one name, then one in ten seconds; twenty of any name from one address, then two a second.
  const guesses = openBuckets(0.1, 5)
  const failures = openBuckets(2, 20)

  const turn = async (): Promise<void> => {
    checking++
    if (checking > limits.password_checks) await new Promise<void>(resolve => waiting.push(resolve))
  }
  const done = (): void => {
    checking--
    if (checking === 0) changed.clear()
    waiting.shift()?.()
  }

  const check = async (username: string, password: Uint8Array, asking: Asking): Promise<Principal | RefusedWhy> => {
    const guess = `${asking.address} ${username}`
    if (!guesses.has(guess) || !failures.has(asking.address)) return 'throttled'
    if (waiting.length >= limits.password_queue) return 'busy'
    await turn()
    try {
      if (asking.gone()) return 'silent'
      // Asked again: those who waited behind the same guesser have not been counted yet.
      if (!guesses.has(guess) || !failures.has(asking.address)) return 'throttled'
      const before = changes
      const principal = await within(limits.password_check_ms, authenticate(username, password, asking.address, asking.certified))
      if (principal === undefined) {
        guesses.take(guess)
        failures.take(asking.address)
        return 'bad_credentials'
      }
      guesses.forget(guess)
      return (changed.get(principal.id) ?? 0) > before ? 'revoked' : principal
    } catch (cause) {
      trouble(`the password of an MQTT client could not be checked: ${(cause as Error).message}`)
      return 'busy'
    } finally {
      done()
    }
  }

  return {
    ask: async asking => {
      const { client_id, certified } = asking
      // A certificate may say who it is and be all the proof there is.
      const username = asking.username || certified?.names.find(isKnown)
      const password = asking.password ?? (certified && new Uint8Array())
      if (client_id === '' && !asking.clean) return { refused: 'odd_client_id', code: 2 } // [MQTT-3.1.3-8]
      if (client_id !== '' && whyOddName(client_id) !== undefined) return { refused: 'odd_client_id', code: 2 }
      if (username === undefined || username === '' || password === undefined) return { refused: 'anonymous', code: 5 }
      if (whyOddName(username) !== undefined) return { refused: 'bad_credentials', code: 4 }
      const principal = await check(username, password, asking)
      if (typeof principal === 'string') return { refused: principal, code: principal === 'bad_credentials' ? 4 : undefined }
      const bound = principal.kind === 'device' ? principal.client_id : undefined
      const foreign = bound === undefined ? client_id !== principal.id && isKnown(client_id) : client_id !== bound
      if (foreign) return { refused: 'foreign_client_id', code: 5 }
      unnamed += client_id === '' ? 1 : 0
      // The length makes it unambiguous whatever characters the two parts have.
      return {
        principal,
        session_id: `${principal.kind} ${principal.id.length} ${principal.id} ${client_id === '' ? `#${unnamed}` : client_id}`
      }
    },
    outdate: id => {
      if (checking > 0) changed.set(id, ++changes)
    }
  }
}
const within = async <T>(ms: number, answer: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
