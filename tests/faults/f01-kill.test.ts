import t from 'tap'
import { account, allWell, compiledKeeping, killNow, nothingYet, startKeeping } from '../support/kept.ts'

const kills = 30
// Each start is three threads: 29 to 55 s were measured while neighbours kept both cores busy (load 9).
t.setTimeout(180_000)

t.test(
  `${kills} times kill -9 in the middle of traffic: nothing acknowledged is lost or doubled, and the chain verifies [F01]`,
  async t => {
    const dir = t.testdir({ code: {}, state: {} })
    const code = compiledKeeping(dir)
    const acknowledged = nothingYet()
    for (let run = 0; run < kills; run++) {
      const child = await startKeeping(code, `${dir}/state`, run, acknowledged)
      // Not a wait for something: the moment of the kill is what is varied.
      await new Promise(resolve => setTimeout(resolve, Math.random() * 150))
      await killNow(child)
    }
    t.strictSame(
      acknowledged.starts,
      Array.from({ length: kills }, () => 'well')
    )
    t.ok(
      acknowledged.upto > 100 && acknowledged.readings.size > 100,
      `${acknowledged.upto} entries and ${acknowledged.readings.size} readings were acknowledged`
    )
    t.comment(`${acknowledged.upto} entries and ${acknowledged.readings.size} readings acknowledged in ${kills} kills`)
    t.strictSame(await account(`${dir}/state`, acknowledged), allWell)
  }
)
