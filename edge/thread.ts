/**
 * What would hold up a main thread happens in a thread of its own: a commit makes an alarm wait for the flash (p50 12.4 ms instead of
 * 0.35 with a flush slowed by 20 ms), a model keeps pictures from being read. A thread answers questions in the order they are asked.
 */
import { parentPort, Worker } from 'node:worker_threads'

export type Served = { readonly [name: string]: (...args: never[]) => unknown }

export type Hired<S extends Served> = {
  readonly ask: <K extends keyof S & string>(name: K, ...args: Parameters<S[K]>) => Promise<Awaited<ReturnType<S[K]>>>
  /** Resolves with the reason when the thread is gone; every question still open has been refused by then. */
  readonly gone: Promise<string>
  readonly end: () => Promise<void>
}

type Question = { readonly id: number; readonly name: string; readonly args: readonly unknown[] }
type Answer = { readonly id: number; readonly answer?: unknown; readonly failed?: { readonly message: string; readonly code: string } }

/** What a failed question rejects with: the database's own code, or `GONE` when the thread ended first. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const failure = (message: string, code: string): Error => Object.assign(new Error(message), { code })

/** `file`: the thread's module beside its caller, without ending: it is TypeScript in a checkout and JavaScript when built. */
export const hire = <S extends Served>(file: URL): Hired<S> => {
  const worker = start(file)
  const name = file.pathname.split('/').at(-1)
  const open = new Map<number, { readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void }>()
  let asked = 0
  let why = 'it ended'
  let over = false
  worker.on('message', ({ id, answer, failed }: Answer) => {
    const question = open.get(id)
    open.delete(id)
    if (failed === undefined) question?.resolve(answer)
    else question?.reject(failure(failed.message, failed.code))
  })
  worker.on('error', error => {
    why = error.message
  })
  const gone = new Promise<string>(resolve => {
    worker.once('exit', () => {
      over = true
      for (const question of open.values()) question.reject(failure(`the ${name} thread is gone: ${why}`, 'GONE'))
      open.clear()
      resolve(why)
    })
  })
  return {
    ask: (question, ...args) =>
      new Promise((resolve, reject) => {
        if (over) return reject(failure(`the ${name} thread is gone: ${why}`, 'GONE'))
        open.set(++asked, { resolve: resolve as (answer: unknown) => void, reject })
        worker.postMessage({ id: asked, name: question, args } satisfies Question)
      }),
    gone,
    end: async () => {
      await worker.terminate()
      await gone
    }
  }
}

/** The thread's side: one handler per question. A handler that throws refuses its question; the thread lives on. */
export const serve = (handlers: Served): void => {
  const port = parentPort
  if (port === null) throw new Error('started as a program; it is a thread of the station')
  port.on('message', async ({ id, name, args }: Question) => {
    try {
      port.postMessage({ id, answer: await handlers[name]?.(...(args as never[])) } satisfies Answer)
    } catch (error) {
      port.postMessage({ id, failed: { message: messageOf(error), code: codeOf(error) } } satisfies Answer)
    }
  })
}

const start = (file: URL): Worker => {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(`${file.href}.js`))
  // From sources: tsx's --import does not reach threads (ERR_UNKNOWN_FILE_EXTENSION on Node 20.20). Registered inside it works under
  // every starter, in 0.14 s; tap's own loader reaches threads, but takes 1.1 s each.
  const url = JSON.stringify(`${file.href}.ts`)
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  return new Worker(`import(${tsx}).then(tsx => { tsx.register(); return import(${url}) })`, { eval: true, execArgv: [] })
}
