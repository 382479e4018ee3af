import t from 'tap'
import { Worker } from 'node:worker_threads'
t.test('x', async t => {
  console.error(process.execArgv, import.meta.url)
  const t0 = performance.now()
  const w = new Worker(new URL('./w.ts', import.meta.url))
  const m = await new Promise((r, j) => { w.once('message', r); w.once('error', j) })
  console.error(m, performance.now() - t0)
  await w.terminate()
  t.pass()
})
