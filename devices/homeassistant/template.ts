/**
 * Value templates of Home Assistant are a whole language; a stranger's program is not run here. A path into the payload is all
 * that is understood, which is what nearly every device announces; whatever computes is refused with a sentence.
 */
import { unreadable } from '../common/payload.ts'

export type Path = readonly string[]

const form = /^\s*\{\{-?\s*(value_json|value)((?:\.[A-Za-z_]\w*|\[\s*(?:'[^'\\]+'|"[^"\\]+")\s*\])*)\s*-?\}\}\s*$/
const step = /\.([A-Za-z_]\w*)|\[\s*(?:'([^'\\]+)'|"([^"\\]+)")\s*\]/g

/** An empty path is the whole payload. */
export const pathOf = (template: string | undefined): Path | { readonly unreadable: string } => {
  if (template === undefined) return []
  const [, value, steps = ''] = template.length <= 200 ? (form.exec(template) ?? []) : []
  const path = [...steps.matchAll(step)].map(([, plain, single, double]) => plain ?? single ?? double ?? '')
  if (value === undefined || (value === 'value' && path.length > 0) || path.length > 8)
    return unreadable(
      'value_template 只认 {{ value }}、{{ value_json.a.b }} 和 {{ value_json["a"] }}，不执行其他模板',
      'of value_template only {{ value }}, {{ value_json.a.b }} and {{ value_json["a"] }} are understood; nothing else is run'
    )
  return path
}

/** What lies there; only what the payload itself has. */
export const at = (payload: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (here, key) =>
      typeof here === 'object' && here !== null && !Array.isArray(here) && Object.hasOwn(here, key)
        ? (here as Readonly<Record<string, unknown>>)[key]
        : undefined,
    payload
  )
