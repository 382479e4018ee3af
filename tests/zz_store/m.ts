import { Worker } from 'node:worker_threads'
const t0 = performance.now()
const how = process.argv[2]
const url = new URL('./w.ts', import.meta.url)
const api = import.meta.resolve('tsx/esm/api')
const w = how === 'a' ? new Worker(`import(${JSON.stringify(api)}).then(a => { a.register(); return import(${JSON.stringify(url.href)}) })`, { eval: true, execArgv: [] })
 : new Worker(`import(${JSON.stringify(api)}).then(a => a.tsImport(${JSON.stringify(url.href)}, ${JSON.stringify(import.meta.url)}))`, { eval: true })
const m = await new Promise((r, j) => { w.once('message', r); w.once('error', j) })
console.error(m, performance.now() - t0)
await w.terminate()
