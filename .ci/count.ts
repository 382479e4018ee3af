/**
 * What a TAP report says, counted: tap's own closing lines differ between reporters, and a file that does not load has no test in it,
 * yet it failed. Points with points below them are headings; a heading that failed with nothing failed below (a timeout, a crash) counts.
 */
export type Tally = {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly skips: readonly string[]
  /** Each by its file and the tests around it, with what its diagnostic says. */
  readonly failures: readonly string[]
}
/** A log is cut at its beginning, a person reads its end. */
const most_lines = 40

type Level = { points: number; failed: number }

export const tallyOf = (tap: string): Tally => {
  let [passed, failed] = [0, 0]
  const skips: string[] = []
  const levels: Level[] = []
  const level = (depth: number): Level => {
    levels[depth] ??= { points: 0, failed: 0 }
    return levels[depth]
  }
  const failures: string[][] = []
  const around: string[] = []
  let explains: string[] | undefined
  const fail = (depth: number, what: string): void => {
    failed++
    explains = [[...around.slice(0, depth), what].join(' › ')]
    failures.push(explains)
  }
  let diagnostic: string | undefined
  for (const line of tap.split('\n')) {
    // A diagnostic may quote anything, other reports included.
    if (diagnostic !== undefined) {
      if (line === `${diagnostic}...`) diagnostic = undefined
      else if (explains !== undefined && explains.length <= most_lines) explains.push(line.slice(diagnostic.length - 2))
      continue
    }
    diagnostic = /^(\s+)---$/.exec(line)?.[1]
    if (diagnostic !== undefined) continue
    const [, before = '', heading] = /^( *)# Subtest: (.*)$/.exec(line) ?? []
    if (heading !== undefined) around.splice(before.length / 4, Number.POSITIVE_INFINITY, heading)
    if (/^\s*Bail out!/.test(line)) fail(0, line.trim())
    const point = /^( *)(not )?ok\b(.*)$/.exec(line)
    if (point === null) continue
    const [, indent = '', not, rest = ''] = point
    const depth = indent.length / 4
    const below = levels[depth + 1] ?? { points: 0, failed: 0 }
    explains = undefined
    levels.length = Math.min(levels.length, depth + 1)
    const here = level(depth)
    here.points++
    const left = /(?<!\\)# (SKIP|TODO)\b/i.test(rest)
    const what = rest.replace(/^[ \d-]+/, '').trim()
    if (left) skips.push(what)
    else if (not !== undefined && below.failed === 0) fail(depth, what)
    else if (not === undefined && below.points === 0) passed++
    if (not !== undefined && !left) here.failed++
  }
  return { passed, failed, skipped: skips.length, skips, failures: failures.map(lines => lines.join('\n')) }
}
