/**
 * Hands the blocks on to InfluxDB 2/3 or VictoriaMetrics, in order, behind a cursor of its own that moves only on success.
 *
 * @influxdata/influxdb-client loses data when left to itself (a buffer in memory, three minutes of tries, 400 and 401 dropped at
 * once: measured), so it sends and nothing more: no retries, one flush at a time, and our cursor decides.
 */
import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import type { Clock } from './clock.ts'
import type { Db, Tally } from './database.ts'
import { linesOf } from './readings.ts'

export type MetricsNow = {
  readonly ok: boolean
  readonly why: string
  readonly since: number
  readonly behind_blocks: number
}
export type Metrics = {
  /** New blocks lie there. */
  readonly poke: () => void
  /** Number of the last block handed on. */
  readonly upto: () => number
  readonly now: () => MetricsNow
  readonly close: () => Promise<void>
}
export type MetricsOptions = {
  readonly url: string
  readonly org: string
  readonly bucket: string
  readonly token?: string
  readonly db: Db
  readonly tally: Tally
  readonly clock: Clock
  readonly log: { readonly info: (message: string) => void; readonly warn: (message: string) => void }
}

const most_lines_at_once = 5_000
const blocks_read_at_once = 50
const timeout_ms = 10_000
const first_wait_ms = 1_000
const longest_wait_ms = 60_000
const wait_for_permission_ms = 60_000
const most_set_aside = 1_000

type Trouble = { readonly why: string; readonly wait_ms: number }
type Write = (lines: readonly string[]) => Promise<void>

/** One write, kept or thrown: the client as a sender only. */
export const writerTo = ({ url, org, bucket, token }: Pick<MetricsOptions, 'url' | 'org' | 'bucket' | 'token'>): Write => {
  const influx = new InfluxDB({ url, timeout: timeout_ms, ...(token !== undefined && { token }) })
  return async lines => {
    // The buffer must not fill by itself: what the client sends unasked, nobody waits for. Its own log is silenced by writeFailed.
    const api = influx.getWriteApi(org, bucket, 'ms', {
      maxRetries: 0,
      batchSize: lines.length + 1,
      flushInterval: 0,
      gzipThreshold: 500,
      writeFailed: error => Promise.reject(error)
    })
    api.writeRecords([...lines])
    await api.flush()
    api.dispose()
  }
}

export const openMetrics = (options: MetricsOptions): Metrics => {
  const { db, tally, clock, log } = options
  const write = writerTo(options)
  const name = `${options.url} ${options.org} ${options.bucket}`
  const sql = {
    cursor: db.prepare<[string], { upto: number }>("select upto from cursor where station = '' and id = ? and lane = 'metrics'"),
    move: db.prepare("insert into cursor values ('', ?, 'metrics', ?) on conflict (station, id, lane) do update set upto = excluded.upto"),
    blocks: db.prepare<[number, number], { number: number; gzip: Buffer }>(
      'select number, gzip from block where number > ? order by number limit ?'
    ),
    behind: db.prepare<[number], { n: number }>('select count(*) as n from block where number > ?'),
    aside: db.prepare('insert into set_aside (at, line, why) values (?, ?, ?)'),
    trim: db.prepare('delete from set_aside where number <= (select max(number) from set_aside) - ?')
  }
  let upto = sql.cursor.get(name)?.upto ?? 0
  let state: { ok: boolean; why: string; since: number } = { ok: true, why: 'not yet tried', since: clock.now() }
  let failures = 0
  let working: Promise<void> | undefined
  let cancelWait: (() => void) | undefined
  let closed = false

  const become = (ok: boolean, why: string): void => {
    if (state.ok === ok && state.why === why) return
    state = { ok, why, since: clock.now() }
    if (ok) log.info(`time series: ${why}`)
    else log.warn(`time series: ${why}`)
  }

  const setAside = (line: string, why: string): void => {
    sql.aside.run(clock.now(), line.slice(0, 500), why.slice(0, 200))
    sql.trim.run(most_set_aside)
    tally.add('timeseries_lines_set_aside_total')
    log.warn(`time series: a line was refused and set aside (${why}): ${line.slice(0, 120)}`)
  }

  /** Halves what was refused until the bad line stands alone; everything else is written. */
  const deliver = async (lines: readonly string[]): Promise<Trouble | undefined> => {
    try {
      await write(lines)
      tally.add('timeseries_lines_total', lines.length)
      return undefined
    } catch (error) {
      const refused = error instanceof HttpError && [400, 413, 422].includes(error.statusCode)
      if (!refused) return troubleOf(error as Error, failures)
      const [line = ''] = lines
      if (lines.length === 1) {
        setAside(line, error.message)
        return undefined
      }
      const half = Math.ceil(lines.length / 2)
      return (await deliver(lines.slice(0, half))) ?? (await deliver(lines.slice(half)))
    }
  }

  const work = async (): Promise<void> => {
    while (!closed) {
      const lines: string[] = []
      let reached = upto
      for (const { number, gzip } of sql.blocks.all(upto, blocks_read_at_once)) {
        if (lines.length >= most_lines_at_once) break
        lines.push(...linesOf(gzip))
        reached = number
      }
      if (reached === upto) return
      const trouble = lines.length === 0 ? undefined : await deliver(lines)
      if (trouble !== undefined) {
        failures++
        become(false, trouble.why)
        wait(trouble.wait_ms)
        return
      }
      failures = 0
      become(true, 'written')
      upto = reached
      sql.move.run(name, upto)
    }
  }

  const wait = (ms: number): void => {
    if (closed) return
    cancelWait = clock.wake(clock.now() + ms, () => {
      cancelWait = undefined
      poke()
    })
  }

  const poke = (): void => {
    if (closed || working !== undefined || cancelWait !== undefined) return
    working = work().finally(() => {
      working = undefined
    })
  }
  poke()

  return {
    poke,
    upto: () => upto,
    now: () => ({ ...state, behind_blocks: sql.behind.get(upto)?.n ?? 0 }),
    close: async () => {
      closed = true
      cancelWait?.()
      await working
    }
  }
}

const troubleOf = (error: Error, failures: number): Trouble => {
  const backoff = Math.min(longest_wait_ms, first_wait_ms * 2 ** Math.min(failures, 10))
  if (!(error instanceof HttpError))
    return { why: `cannot be reached (${(error as NodeJS.ErrnoException).code ?? error.message})`, wait_ms: backoff }
  const { statusCode } = error
  if (statusCode === 401 || statusCode === 403)
    return { why: `our token is refused (HTTP ${statusCode}); check token_file, org and bucket`, wait_ms: wait_for_permission_ms }
  const asked_ms = error.retryAfter()
  return { why: `answers HTTP ${statusCode}`, wait_ms: Math.max(asked_ms > 0 ? asked_ms : 0, backoff) }
}
