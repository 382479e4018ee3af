/**
 * A station's own network and an internet beside it, as network namespaces joined by cables that can be pulled: station, phone and
 * the world. Where the kernel or our rights do not allow it, all is loopback and the world is stopped instead of cut off.
 */
import { spawnSync } from 'node:child_process'
import type { Test } from 'tap'

export type Lan = {
  readonly real: boolean
  /** What a program is started with to run there. */
  readonly at: (place: 'station' | 'phone' | 'world') => readonly string[]
  readonly address: { readonly station: string; readonly world: string }
  /** Pulls the cable to the world; `world` is the process that plays it. */
  readonly cut: (world: { readonly pid?: number | undefined }) => void
  readonly mend: (world: { readonly pid?: number | undefined }) => void
}

const ip = (...args: readonly string[]): boolean => spawnSync('ip', args, { stdio: 'ignore' }).status === 0

export const openLan = (t: Test): Lan => {
  const name = `qs-${process.pid.toString(36)}`
  const [station, phone, world] = ['s', 'p', 'w'].map(end => `${name}-${end}`) as [string, string, string]
  const inside = (place: string, ...args: readonly string[]): boolean => ip('-n', place, ...args)
  const cable = (a: string, b: string, net: string): boolean =>
    ip('link', 'add', `${a}0`, 'netns', a, 'type', 'veth', 'peer', 'name', `${b}1`, 'netns', b) &&
    inside(a, 'addr', 'add', `${net}.1/24`, 'dev', `${a}0`) &&
    inside(b, 'addr', 'add', `${net}.2/24`, 'dev', `${b}1`) &&
    inside(a, 'link', 'set', `${a}0`, 'up') &&
    inside(b, 'link', 'set', `${b}1`, 'up')
  const places = [station, phone, world]
  t.teardown(() => {
    for (const place of places) ip('netns', 'del', place)
  })
  const real =
    places.every(place => ip('netns', 'add', place) && inside(place, 'link', 'set', 'lo', 'up')) &&
    // One end cannot carry two cables of one name, so the second begins at the world.
    cable(station, phone, '10.77.1') &&
    cable(world, station, '10.77.2')
  if (real)
    return {
      real,
      at: place => ['ip', 'netns', 'exec', { station, phone, world }[place]],
      address: { station: '10.77.1.1', world: '10.77.2.1' },
      cut: () => void inside(world, 'link', 'set', `${world}0`, 'down'),
      mend: () => void inside(world, 'link', 'set', `${world}0`, 'up')
    }
  return {
    real,
    at: () => [],
    address: { station: '127.0.0.1', world: '127.0.0.1' },
    cut: ({ pid }) => void (pid !== undefined && process.kill(pid, 'SIGSTOP')),
    mend: ({ pid }) => void (pid !== undefined && process.kill(pid, 'SIGCONT'))
  }
}
