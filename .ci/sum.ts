/** Prints what .ci/run needs: every failed test with what it says, every skipped one with its reason, then `passed failed skipped` on the last line. */
import { readFileSync } from 'node:fs'
import { tallyOf } from './count.ts'

const { passed, failed, skipped, skips, failures } = tallyOf(readFileSync(process.argv[2] ?? '', 'utf8'))
for (const failure of failures) process.stdout.write(`failed: ${failure}\n`)
for (const skip of skips) process.stdout.write(`left out: ${skip}\n`)
process.stdout.write(`${passed} ${failed} ${skipped}\n`)
