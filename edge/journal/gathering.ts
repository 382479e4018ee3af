/**
 * Lines on their way into a block. All lines of a block share one promise, because a promise a line would cost more than
 * the line. What waits is bounded: beyond it the oldest telemetry not yet handed over is let go, and its keepers are told.
 */
export type Sheaf = {
  readonly lines: string[]
  urgent: boolean
  readonly kept: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export type Gathering = {
  /** Promises of the sheaves that hold these lines. */
  readonly add: (lines: readonly string[], urgent: boolean) => Promise<void>
  /** Nothing more goes into the open sheaf: its time has come. */
  readonly close: () => void
  /** The next closed sheaf, oldest first. */
  readonly take: () => Sheaf | undefined
  readonly waiting: () => number
  /** True when a sheaf is closed and waits to be taken. */
  readonly ready: () => boolean
  readonly letGoTotal: () => number
  readonly refuseAll: (why: string) => void
}

/** `onFirstLine` is called when a sheaf is begun. */
export const openGathering = (block_lines: number, waiting_lines: number, onFirstLine: () => void): Gathering => {
  const closed: Sheaf[] = []
  let open: Sheaf | undefined
  let waiting = 0
  let letGo = 0

  const close = (): void => {
    if (open !== undefined) closed.push(open)
    open = undefined
  }
  const refuse = (sheaf: Sheaf, why: string): void => {
    waiting -= sheaf.lines.length
    letGo += sheaf.lines.length
    sheaf.reject(new Error(why))
  }
  const bound = (): void => {
    while (waiting > waiting_lines && closed.length > 0) {
      const oldest = closed.findIndex(sheaf => !sheaf.urgent)
      const [sheaf] = closed.splice(Math.max(0, oldest), 1)
      if (sheaf !== undefined) refuse(sheaf, `not kept: more than ${waiting_lines} lines wait for the disk`)
    }
  }
  const addTo = (lines: readonly string[], urgent: boolean): Promise<void> => {
    if (open === undefined) {
      open = newSheaf()
      onFirstLine()
    }
    const sheaf = open
    for (const line of lines) sheaf.lines.push(line)
    waiting += lines.length
    sheaf.urgent ||= urgent
    if (urgent || sheaf.lines.length >= block_lines) close()
    bound()
    return sheaf.kept
  }

  return {
    add: (lines, urgent) => {
      if (lines.length === 0) return Promise.resolve()
      if (lines.length <= block_lines) return addTo(lines, urgent)
      const parts: Promise<void>[] = []
      for (let i = 0; i < lines.length; i += block_lines) parts.push(addTo(lines.slice(i, i + block_lines), urgent))
      return Promise.all(parts).then(() => undefined)
    },
    close,
    take: () => {
      const sheaf = closed.shift()
      waiting -= sheaf?.lines.length ?? 0
      return sheaf
    },
    waiting: () => waiting,
    ready: () => closed.length > 0,
    letGoTotal: () => letGo,
    refuseAll: why => {
      close()
      for (const sheaf of closed.splice(0)) refuse(sheaf, why)
    }
  }
}

const newSheaf = (): Sheaf => {
  let resolve = (): void => undefined
  let reject = (_: Error): void => undefined
  const kept = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  // Whoever awaits it still hears the refusal; lines kept by nobody in particular must not stop the station.
  kept.catch(() => undefined)
  return { lines: [], urgent: false, kept, resolve, reject }
}
