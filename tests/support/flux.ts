/** The official checker of Flux, made for a bundler's wasm import that Node does not have: its glue is bound to the module by hand. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

type Glue = {
  readonly bind: (exports: unknown) => void
  readonly Flux: new (script: string) => { readonly is_valid: () => boolean }
}
/** @types/node names WebAssembly but not its functions. */
type Runtime = {
  readonly instantiate: (wasm: Uint8Array, imports: object) => Promise<{ readonly instance: { readonly exports: unknown } }>
}
const runtime = Reflect.get(globalThis, 'WebAssembly') as Runtime
const firstLooks = /^cached(?:Int32|Uint8)Memory0 = new .*$/gm

/** Says whether a script is valid, types and arguments included. */
export const openFlux = async (): Promise<(script: string) => boolean> => {
  const wasm = createRequire(import.meta.url).resolve('@influxdata/flux-lsp-browser/flux-lsp-browser_bg.wasm')
  const source = await readFile(wasm.replace(/\.wasm$/, '.js'), 'utf8')
  const looks = source.match(firstLooks) ?? []
  const bound = `${source.replace(/^import .*$/m, 'let wasm').replace(firstLooks, '')}
export const bind = exports => { wasm = exports; ${looks.join(' ')} }`
  const glue = (await import(`data:text/javascript,${encodeURIComponent(bound)}`)) as Glue
  const { instance } = await runtime.instantiate(await readFile(wasm), { './flux-lsp-browser_bg.js': glue })
  glue.bind(instance.exports)
  return script => new glue.Flux(script).is_valid()
}
