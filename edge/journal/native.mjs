/**
 * After npm ci: brings SQLite's native part, as better-sqlite3's own install script would (prebuilt where it can be fetched,
 * else compiled), with one difference: make is told to use a shell. Its shortcut for simple commands wants a `printf`
 * program on the PATH, which a bare machine with Node, npm and a compiler need not have.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'

const require = createRequire(import.meta.url)
const folder = dirname(require.resolve('better-sqlite3/package.json'))

const works = () => {
  const tried = spawnSync(process.execPath, ['-e', 'new (require("better-sqlite3"))(":memory:").close()'], { cwd: folder, stdio: 'ignore' })
  return tried.status === 0
}
const run = (program, ...args) =>
  spawnSync(program, args, { cwd: folder, stdio: 'inherit', env: { ...process.env, MAKEFLAGS: 'SHELL=sh' } }).status === 0

if (!works()) {
  run('prebuild-install') || run('node-gyp', 'rebuild', '--release')
  if (!works()) {
    process.stderr.write('SQLite could not be built. Right would be: python3, make and g++ on this machine, or a way to github.com for the prebuilt file.\n')
    process.exit(1)
  }
}
