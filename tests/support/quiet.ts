import pino from 'pino'

/** A log for tests that read the outcome and not the lines. */
export const quiet = pino({ level: 'silent' })
