import t from 'tap'
import { openPace } from '../../edge/journal/pace.ts'

t.test('a lone sensor is answered at once, steady telemetry in one block a second', async t => {
  let now = 0
  const pace = openPace(1000, () => now)
  let commits = 0
  for (const start = now; now - start < 3_600_000; commits++) now += pace.gather_ms()
  t.ok(commits <= 3600 + 121, `${commits} commits in an hour without a pause`)
  t.equal(pace.gather_ms(), 1000)
  now += 60_000
  t.equal(pace.gather_ms(), 15, 'after a quiet minute')
})
