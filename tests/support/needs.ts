import { spawnSync } from 'node:child_process'

/** Options for a test that needs programs which a fresh machine lacks: skipped with a sentence there, failing under REQUIRE_ALL=1. */
export const needs = (...programs: readonly string[]): { skip: string | false } => {
  const missing = programs.filter(program => spawnSync('sh', ['-c', 'command -v "$1" || test -x "$1"', 'sh', program]).status !== 0)
  if (missing.length === 0) return { skip: false }
  if (process.env.REQUIRE_ALL === '1') throw new Error(`REQUIRE_ALL=1, but this machine lacks ${missing.join(', ')}`)
  return { skip: `needs ${missing.join(', ')}, not on this machine` }
}
