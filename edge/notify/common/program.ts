/** Runs a program of this machine from bytes to bytes: no shell, nothing of our environment, and never longer than it may. */
import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

export type Command = { readonly program: string; readonly arguments: readonly string[] }
export type Ran = { readonly output: Buffer } | { readonly failed: 'missing' | 'ended' | 'too_long' }

const most_output_bytes = 20 * 2 ** 20

/** Whoever plays sound needs to find the sound server; nothing else is handed on, so no secret can be. */
const environment = (): NodeJS.ProcessEnv => {
  const { PATH = '/usr/bin:/bin', XDG_RUNTIME_DIR } = process.env
  return { PATH, LC_ALL: 'C.UTF-8', ...(XDG_RUNTIME_DIR !== undefined && { XDG_RUNTIME_DIR }) }
}

export const run = ({ program, arguments: args }: Command, input: Uint8Array, signal: AbortSignal, within_ms: number): Promise<Ran> =>
  new Promise(resolve => {
    // A group of its own: what the program has started itself ends with it.
    const child = spawn(program, [...args], { stdio: ['pipe', 'pipe', 'ignore'], env: environment(), detached: true })
    const parts: Buffer[] = []
    let bytes = 0
    const end = (ran: Ran): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(ran)
    }
    const stop = (): void => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL')
      // Not when it has closed its pipes: somebody it left behind may hold them for ever.
      end({ failed: 'too_long' })
    }
    const timer = setTimeout(stop, within_ms)
    signal.addEventListener('abort', stop, { once: true })
    child.stdout.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes <= most_output_bytes) parts.push(part)
      else stop()
    })
    // A program that ends early closes the pipe before we have written; its exit says what came of it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('error', (error: NodeJS.ErrnoException) =>
      end({ failed: error.code === 'ENOENT' || error.code === 'EACCES' ? 'missing' : 'ended' })
    )
    child.on('close', code => end(code === 0 ? { output: Buffer.concat(parts) } : { failed: 'ended' }))
    if (signal.aborted) stop()
  })

export const isThere = async (program: string): Promise<boolean> => {
  const places = program.includes('/') ? [program] : (environment().PATH ?? '').split(delimiter).map(folder => join(folder, program))
  for (const place of places) {
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false
    )
    if (found) return true
  }
  return false
}
