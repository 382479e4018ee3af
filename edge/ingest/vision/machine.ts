/** What this machine is doing: how busy all its cores are, and how much of that FFmpeg takes to decode. Between two looks, in cores. */
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'

export type Look = { readonly cores: number; readonly busy_cores: number; readonly decoding_cores: number }

/**
 * What the work takes of a core, ms: the processor's time where others were in the way, the clock's where this process did more than
 * the work (sharp unpacks a picture beside it). Beside a busy neighbour a picture does not cost more, there is only less to pay with.
 */
export const costOf = (): (() => number) => {
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  return () => {
    const { user, system } = process.cpuUsage(cpu)
    return Math.min(performance.now() - began, (user + system) / 1000)
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
      if (all_ms <= 0) return { cores, busy_cores: 0, decoding_cores: 0 }
      const took_ms = all_ms / cpus().length
      return {
        cores,
        busy_cores: ((before.busy_ms - then.busy_ms) / all_ms) * cores,
        // An FFmpeg that has gone takes its time with it.
        decoding_cores: Math.max(0, before.decoding_ms - then.decoding_ms) / took_ms
      }
    }
  }
}

const now = () => {
  const times = cpus().map(({ times }) => times)
  const all_ms = times.reduce((sum, { user, nice, sys, irq, idle }) => sum + user + nice + sys + irq + idle, 0)
  const idle_ms = times.reduce((sum, { idle }) => sum + idle, 0)
  return { all_ms, busy_ms: all_ms - idle_ms, decoding_ms: children().reduce((sum, pid) => sum + cpuOf(pid), 0) }
}

/** Only Linux tells; elsewhere decoding is part of what others take. */
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
