/** Turns the boards and rules written as code into the files that Grafana and vmalert read. `renderDashboards` writes nothing. */
import { mkdir, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { loadFolder } from '../edge/load.ts'
import type { Board } from './board.ts'
import { grafanaRules, vmalertRules } from './rules-files.ts'

/** Path inside dashboards/ → text. */
export const renderDashboards = async (): Promise<Map<string, string>> => {
  const files = new Map<string, string>()
  for (const [name, board] of await loadFolder<Board>(new URL('boards/', import.meta.url), [])) files.set(`${name}.json`, json(board))
  for (const [name, board] of await loadFolder<Board>(new URL('influxdb/boards/', import.meta.url), []))
    files.set(`influxdb/${name}.json`, json(board))
  files.set('provisioning/alerting/rules.yaml', grafanaRules())
  files.set('vmalert/rules.yaml', vmalertRules())
  return files
}

export const writeDashboards = async (): Promise<void> => {
  for (const [file, text] of await renderDashboards()) {
    const path = new URL(file, import.meta.url)
    await mkdir(new URL('.', path), { recursive: true })
    await writeFile(path, text)
  }
}

/** JSON in the house's own layout (a list without objects on one line where it fits), so that `npm run fix` leaves the boards alone. */
const laidOut = (value: unknown, indent: string, used: number): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    const inline = `[${value.map(item => laidOut(item, deeper, 0)).join(', ')}]`
    if (!inline.includes('\n') && used + inline.length <= 140) return inline
    return `[\n${value.map(item => deeper + laidOut(item, deeper, deeper.length)).join(',\n')}\n${indent}]`
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return '{}'
  const lines = entries.map(([key, part]) => {
    const head = `${deeper}${JSON.stringify(key)}: `
    return head + laidOut(part, deeper, head.length)
  })
  return `{\n${lines.join(',\n')}\n${indent}}`
}

const json = (board: Board): string => `${laidOut(JSON.parse(JSON.stringify(board.build())), '', 0)}\n`

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await writeDashboards()
