/** Words made to fit where they go: no longer than the vendor takes, and never understood as a command of the vendor's. */

/** At most so many bytes of UTF-8, cut between characters. */
export const fit = (text: string, most_bytes: number): string => {
  if (Buffer.byteLength(text) <= most_bytes) return text
  let bytes = Buffer.byteLength('…')
  let kept = ''
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > most_bytes) break
    kept += character
  }
  return `${kept}…`
}

/** A message begins with its title; where the title stands already, the rest is enough. */
export const withoutTitle = (text: string, title: string): string => (text.startsWith(`${title}\n`) ? text.slice(title.length + 1) : text)

/** Markdown that loads nothing, links nowhere and calls nobody: what a passer-by has reported stands in it too. */
export const unmarked = (text: string): string =>
  text
    .replaceAll('](', '] (')
    .replaceAll('<', '＜')
    .replaceAll(/^(\s*)([#>])/gm, '$1\u200b$2')

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
export const escaped = (text: string): string => text.replace(/[&<>"]/g, character => entities[character] ?? character)
