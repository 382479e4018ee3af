import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { needs } from './needs.ts'

const run = (program: string, ...args: readonly string[]): void => {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}

/** Faults of a whole disk need a disk of one's own: root and the right to mount. Skipped with a sentence where that is refused. */
export const needsMount = (): { skip: string | false } => {
  const tools = needs('mount', 'umount', 'mkfs.ext4')
  if (tools.skip !== false) return tools
  const dir = mkdtempSync(`${tmpdir()}/qianshao-mount-`)
  try {
    mountTmpfs(dir, '1m')
    unmount(dir)
    return { skip: false }
  } catch (error) {
    if (process.env.REQUIRE_ALL === '1') throw new Error('REQUIRE_ALL=1, but nothing can be mounted here', { cause: error })
    return { skip: 'needs the right to mount a file system (root), refused here' }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

export const mountTmpfs = (dir: string, size: string): void => run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'none', dir)
/** An ext4 file system inside a file: what is in the file is what has reached "the disk". */
export const makeImage = (file: string, megabytes: number): void => {
  run('truncate', '-s', `${megabytes}M`, file)
  run('mkfs.ext4', '-q', '-F', file)
}
export const mountImage = (file: string, dir: string): void => {
  mkdirSync(dir, { recursive: true })
  run('mount', '-o', 'loop', file, dir)
}
export const unmount = (dir: string): void => run('umount', dir)
