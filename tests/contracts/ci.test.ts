import t from 'tap'
import { tallyOf } from '../../.ci/count.ts'

/** As tap 21.8.0 wrote them for a file that passes, one that skips, one that fails, one that does not load and one that never ends. */
const passing = `# Subtest: tests/a.test.ts
    # Subtest: nested
        # Subtest: deep
            ok 1 - with ok 1 - in its name \\# SKIP no
            1..1
        ok 1 - deep # time=5.15ms
        1..1
    ok 1 - nested # time=6.544ms
    1..1
ok 1 - tests/a.test.ts # time=17.042ms
`
const skipping = `# Subtest: tests/b.test.ts
    ok 1 - a camera over RTSP # SKIP needs ffmpeg, not on this machine
    ok 2 - not yet # TODO later
    # Subtest: good
        ok 1 - should be equal
        1..1
    ok 3 - good # time=14.754ms
    1..3
ok 2 - tests/b.test.ts # time=34.08ms
`
const failing = `# Subtest: tests/c.test.ts
    # Subtest: failing
        not ok 1 - differs
          ---
          diff: |
            +  not ok 1 - x
            +  ok 2 - y
            ok 3
          ...
        ok 2 - should be equal
        1..2
    not ok 1 - failing # time=64.219ms
      ---
      source: ok 4
      ...
    1..1
not ok 3 - tests/c.test.ts # time=123.186ms
`
const unloadable = `# Subtest: tests/d.test.ts
    1..0 # no tests found
not ok 4 - tests/d.test.ts # time=3385.933ms
  ---
  exitCode: 1
  ...
`
const endless = `# Subtest: tests/f.test.ts
    # Subtest: never ends
        ok 1 - began
    not ok 1 - timeout!
    1..1
not ok 6 - tests/f.test.ts
`

t.test('each assertion counts once, however deep it lies', async t => {
  t.match(tallyOf(passing), { passed: 1, failed: 0, skipped: 0 })
})

t.test('what is skipped or put off is told with its reason', async t => {
  const { skips, failures, ...tally } = tallyOf(skipping)
  t.strictSame(failures, [])
  t.strictSame(tally, { passed: 1, failed: 0, skipped: 2 })
  t.match(skips[0], /a camera over RTSP # SKIP needs ffmpeg/)
})

t.test('a failure counts once, and what a diagnostic quotes counts never', async t => {
  t.match(tallyOf(failing), { passed: 1, failed: 1, skipped: 0 })
})

t.test('a file that does not load, and one that never ends, are failures although no assertion in them failed', async t => {
  t.match(tallyOf(unloadable), { passed: 0, failed: 1 })
  t.match(tallyOf(endless), { passed: 1, failed: 1 })
})

t.test('who failed is told by its file and the tests around it, with what its diagnostic says', async t => {
  const diagnostic = '  diff: |\n    +  not ok 1 - x\n    +  ok 2 - y\n    ok 3'
  t.strictSame(tallyOf(failing).failures, [`tests/c.test.ts › failing › differs\n${diagnostic}`])
  t.strictSame(tallyOf(passing + unloadable).failures, ['tests/d.test.ts # time=3385.933ms\n  exitCode: 1'])
  t.strictSame(tallyOf(failing + endless).failures.at(-1), 'tests/f.test.ts › timeout!')
})

t.test('a whole run is the sum of its files', async t => {
  t.match(tallyOf(passing + skipping + failing + unloadable + endless), { passed: 4, failed: 3, skipped: 2 })
})
