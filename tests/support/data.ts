import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Real recordings are not part of the project; a test that wants one says so and is skipped where they are absent. */
const folder = process.env.QIANSHAO_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))

export const data = (path: string): string | undefined => (existsSync(`${folder}/${path}`) ? `${folder}/${path}` : undefined)

export const needsData = (...paths: readonly string[]): { skip: string | false } => {
  const missing = paths.filter(path => data(path) === undefined)
  if (missing.length === 0) return { skip: false }
  if (process.env.REQUIRE_ALL === '1')
    throw new Error(`REQUIRE_ALL=1, but recordings are missing: ${missing.join(', ')} (QIANSHAO_DATA names their folder)`)
  return { skip: `needs recordings ${missing.join(', ')} (QIANSHAO_DATA names their folder)` }
}
