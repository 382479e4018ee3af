/** Time as the cloud sees it: the station's own clock, so that a test may hold both still. */
import { realClock } from '../edge/clock.ts'

export { realClock }
export type Clock = typeof realClock
