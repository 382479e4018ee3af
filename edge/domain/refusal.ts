import type { reasons } from './words.ts'

/** A refusal is an answer: the reason reaches the log, the screen and the test unchanged. */
export type Reason = keyof typeof reasons
export type Refusal = { readonly refused: Reason }
