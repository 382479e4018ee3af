/** What this machine is doing: how busy all its cores are, and how much of that is our own. Between two looks, in cores. */
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'

export type Look = {
  readonly cores: number
  readonly busy_cores: number
  /** This process and the FFmpegs that it has started. */
  readonly own_cores: number
}

/** What this thread's work takes of the processor from now on, ms: beside a busy neighbour it costs no more, there is only less to pay with. */
export const costOfThread = (): (() => number) => {
  const began = spent()
  return () => spent() - began
}

/** Linux tells to the nanosecond; elsewhere it is the clock. */
const spent = (): number => {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ', 1)[0]) / 1e6
  } catch {
    return performance.now()
  }
}

export const openMachine = (): { readonly look: () => Look } => {
  let before = now()
  return {
    look: () => {
      const then = before
      before = now()
      const all_ms = before.all_ms - then.all_ms
      const cores = availableParallelism()
      if (all_ms <= 0) return { cores, busy_cores: 0, own_cores: 0 }
      const took_ms = all_ms / cpus().length
      return {
        cores,
        busy_cores: ((before.busy_ms - then.busy_ms) / all_ms) * cores,
        // An FFmpeg that has gone takes its time with it.
        own_cores: Math.max(0, before.own_ms - then.own_ms) / took_ms
      }
    }
  }
}

const now = () => {
  const times = cpus().map(({ times }) => times)
  const all_ms = times.reduce((sum, { user, nice, sys, irq, idle }) => sum + user + nice + sys + irq + idle, 0)
  const idle_ms = times.reduce((sum, { idle }) => sum + idle, 0)
  const { user, system } = process.cpuUsage()
  return { all_ms, busy_ms: all_ms - idle_ms, own_ms: children().reduce((sum, pid) => sum + cpuOf(pid), (user + system) / 1000) }
}

/** Only Linux tells; elsewhere FFmpegs are part of what others take. */
const children = (): readonly string[] => {
  try {
    return readdirSync('/proc/self/task').flatMap(task =>
      readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean)
    )
  } catch {
    return []
  }
}

const tick_ms = 10
const cpuOf = (pid: string): number => {
  try {
    // The name of a program may hold spaces and brackets; what follows the last one are numbers.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * tick_ms
  } catch {
    return 0
  }
}
