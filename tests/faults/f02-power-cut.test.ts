import { copyFileSync } from 'node:fs'
import t from 'tap'
import { makeImage, mountImage, needsMount, unmount } from '../support/disk.ts'
import { account, allWell, compiledKeeping, killNow, nothingYet, startKeeping } from '../support/kept.ts'
import { until } from '../support/until.ts'

const cuts = 3

/** The copy of the image at one moment is what a power cut leaves: everything the file system had not flushed is missing. */
t.test(`after each of ${cuts} power cuts everything acknowledged is there and the chain verifies [F02]`, needsMount(), async t => {
  const dir = t.testdir({ code: {}, disk: {} })
  const code = compiledKeeping(dir)
  for (let cut = 0; cut < cuts; cut++) {
    makeImage(`${dir}/image`, 64)
    mountImage(`${dir}/image`, `${dir}/disk`)
    const acknowledged = nothingYet()
    try {
      const child = await startKeeping(code, `${dir}/disk/state`, cut, acknowledged)
      try {
        await until(() => acknowledged.upto > 200 * (cut + 1) && acknowledged.readings.size > 50, 'enough is acknowledged', 20_000)
        child.kill('SIGSTOP')
        copyFileSync(`${dir}/image`, `${dir}/cut`)
      } finally {
        await killNow(child)
      }
    } finally {
      unmount(`${dir}/disk`)
    }
    mountImage(`${dir}/cut`, `${dir}/disk`)
    try {
      t.strictSame(
        await account(`${dir}/disk/state`, acknowledged),
        allWell,
        `${acknowledged.upto} entries, ${acknowledged.readings.size} readings acknowledged`
      )
    } finally {
      unmount(`${dir}/disk`)
    }
  }
})
