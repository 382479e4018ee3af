import type { reasons } from './words.ts'

/** A refusal is an answer: the reason reaches the log, the screen and the test unchanged. */
export type Reason = keyof typeof reasons
/** `missing`: what would have to be there for it not to be refused. */
export type Refusal = { readonly refused: Reason; readonly missing?: readonly string[] }
