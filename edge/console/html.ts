/** HTML in which nothing that a person or a device wrote can become markup: whatever is filled in is escaped, unless it was made here. */

export type Html = { readonly html: string }
type Filling = Html | string | number | undefined | readonly Filling[]

export const html = (texts: TemplateStringsArray, ...fillings: readonly Filling[]): Html => ({
  html: texts.reduce((whole, text, i) => whole + asHtml(fillings[i - 1]) + text)
})

const asHtml = (filling: Filling): string => {
  if (filling === undefined) return ''
  if (typeof filling === 'string' || typeof filling === 'number') return escapeHtml(String(filling))
  return 'html' in filling ? filling.html : filling.map(asHtml).join('')
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Characters that turn the order of a line around, or show nothing, stand there by their number: a document must not be made to say otherwise. */
const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

export const escapeHtml = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(unseen, one => `[U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`)
    .replace(/[&<>"']/g, one => entities[one] ?? one)
