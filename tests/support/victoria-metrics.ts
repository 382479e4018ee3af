/** A real VictoriaMetrics on a free port of the loopback, ended with the test. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { until } from './until.ts'

type Test = { readonly testdir: () => string; readonly teardown: (end: () => Promise<void>) => void }
export type Row = { readonly metric: Readonly<Record<string, string>>; readonly values: readonly (readonly [number, number])[] }
export type VictoriaMetrics = {
  readonly url: string
  /** Rows of an instant query (`at`) or of a range (`from` to `at`), times in ms. A query that is refused throws its reason. */
  readonly ask: (query: string, when: { readonly at: number; readonly from?: number; readonly step_s?: number }) => Promise<readonly Row[]>
  /** What was written becomes visible. */
  readonly flush: () => Promise<void>
}

type Answer = {
  readonly error?: string
  readonly data?: { readonly result: readonly { metric: Record<string, string>; value?: Pair; values?: readonly Pair[] }[] }
}
type Pair = readonly [number, string]

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

export const openVictoriaMetrics = async (t: Test): Promise<VictoriaMetrics> => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  // Fresh data is hidden for 30 s by default.
  const child = spawn('victoria-metrics', [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${t.testdir()}/metrics`,
    '-retentionPeriod=1y',
    '-search.latencyOffset=0s',
    '-memory.allowedBytes=200MB',
    '-loggerLevel=ERROR'
  ])
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text).slice(-2000)
  })
  child.stdout.resume()
  t.teardown(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`victoria-metrics ended with ${child.exitCode}: ${said}`)
      return fetch(`${url}/health`).then(
        answer => answer.ok,
        () => false
      )
    },
    'victoria-metrics answers',
    20_000
  )
  return {
    url,
    ask: async (query, { at, from, step_s = 15 }) => {
      const range =
        from === undefined ? { time: String(at / 1000) } : { start: String(from / 1000), end: String(at / 1000), step: String(step_s) }
      const answer = await fetch(`${url}/api/v1/query${from === undefined ? '' : '_range'}`, {
        method: 'POST',
        body: new URLSearchParams({ query, nocache: '1', ...range })
      })
      const { data, error } = (await answer.json()) as Answer
      if (data === undefined) throw new Error(`${error ?? answer.status}: ${query}`)
      return data.result.map(({ metric, value, values }) => ({
        metric,
        values: (values ?? (value === undefined ? [] : [value])).map(([time, text]): [number, number] => [time * 1000, Number(text)])
      }))
    },
    flush: async () => {
      await (await fetch(`${url}/internal/force_flush`)).arrayBuffer()
    }
  }
}
