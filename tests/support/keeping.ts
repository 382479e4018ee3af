/** A station's store and nothing else, busy without end: for tests that kill it. Says what was acknowledged, one line each. */
import { writeSync } from 'node:fs'
import pino from 'pino'
import { line } from '../../edge/domain/line-protocol.ts'
import { openHistory } from '../../edge/journal/history.ts'
import { openJournal } from '../../edge/journal/journal.ts'

const [dir = '', run = ''] = process.argv.slice(2)
const log = pino({ level: 'silent' })
const journal = await openJournal({ dir, log, ballast_bytes: 4096 })
const history = await openHistory({ dir, log, max_bytes: 64 * 2 ** 20, max_age_ms: 1e12, block_ms: 5 })
// Synchronous: an acknowledgement that is still in a buffer of ours would be lost with us.
const say = (text: string): void => {
  for (;;)
    try {
      writeSync(1, `${text}\n`)
      return
    } catch (error) {
      // The reader is behind: say it again, before anything else is done.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
}
say(`ready ${journal.damage?.detail ?? history.damage?.detail ?? 'well'}`)

let busy = 0
let n = 0
const step = (): void => {
  const size = 1 + (n % 4)
  const first = journal.last() + 1
  const events = Array.from(
    { length: size },
    (_, i) => ({ lane: i === 0 ? 'red' : 'events', event: { id: `e-${first + i}`, at: n, type: 'signed_in', address: run } }) as const
  )
  const reading =
    line(
      'reading',
      [
        ['zone', 'z'],
        ['device', `d-${run}`],
        ['quantity', 'co2_ppm']
      ],
      { value: n },
      1_700_000_000_000 + n
    ) ?? ''
  const value = n++
  busy += 2
  void journal.append(events).kept.then(() => {
    busy--
    say(`j ${first + size - 1}`)
  })
  void history.keep([reading], n % 50 === 0).then(() => {
    busy--
    say(`h ${run} ${value}`)
  })
}
const turn = (): void => {
  for (let i = 0; i < 4 && busy < 60; i++) step()
  setImmediate(turn)
}
turn()
