/**
 * What a TAP report says, counted: tap's own closing lines differ between reporters, and a file that does not load has no test in it,
 * yet it failed. Points with points below them are headings; a heading that failed with nothing failed below (a timeout, a crash) counts.
 */
export type Tally = { readonly passed: number; readonly failed: number; readonly skipped: number; readonly skips: readonly string[] }

type Level = { points: number; failed: number }

export const tallyOf = (tap: string): Tally => {
  let [passed, failed] = [0, 0]
  const skips: string[] = []
  const levels: Level[] = []
  const level = (depth: number): Level => {
    levels[depth] ??= { points: 0, failed: 0 }
    return levels[depth]
  }
  let diagnostic: string | undefined
  for (const line of tap.split('\n')) {
    // A diagnostic may quote anything, other reports included.
    if (diagnostic !== undefined) {
      if (line === `${diagnostic}...`) diagnostic = undefined
      continue
    }
    diagnostic = /^(\s+)---$/.exec(line)?.[1]
    if (diagnostic !== undefined) continue
    if (/^\s*Bail out!/.test(line)) failed++
    const point = /^( *)(not )?ok\b(.*)$/.exec(line)
    if (point === null) continue
    const [, indent = '', not, rest = ''] = point
    const depth = indent.length / 4
    const below = levels[depth + 1] ?? { points: 0, failed: 0 }
    levels.length = Math.min(levels.length, depth + 1)
    const here = level(depth)
    here.points++
    const left = /(?<!\\)# (SKIP|TODO)\b/i.test(rest)
    if (left) skips.push(rest.replace(/^[ \d-]+/, '').trim())
    else if (below.points === 0) {
      if (not === undefined) passed++
      else failed++
    } else if (not !== undefined && below.failed === 0) failed++
    if (not !== undefined && !left) here.failed++
  }
  return { passed, failed, skipped: skips.length, skips }
}
