/** Which topics and names are decent, and whose they are. Pure: text in, reason out. */

type Bounds = { readonly topic_bytes: number; readonly topic_levels: number }

/** Why nobody may publish there, or undefined. aedes lets all of these through (fault F38). */
export const whyOddTopic = (topic: string, bounds: Bounds): string | undefined => {
  if (topic.length === 0) return 'empty topic'
  if (topic.length > bounds.topic_bytes) return `longer than ${bounds.topic_bytes} bytes`
  let levels = 1
  let ascii = true
  for (let i = 0; i < topic.length; i++) {
    const code = topic.charCodeAt(i)
    if (code === 0x2f) levels++
    else if (code === 0x23 || code === 0x2b) return 'wildcard in a topic'
    else if (code < 0x20 || (code > 0x7e && invisible(code))) return 'character that cannot be shown'
    if (code > 0x7e) ascii = false
  }
  if (levels > bounds.topic_levels) return `deeper than ${bounds.topic_levels} levels`
  if (!ascii && Buffer.byteLength(topic) > bounds.topic_bytes) return `longer than ${bounds.topic_bytes} bytes`
  // Later rooms may use a level as a key; these three names are keys of every object.
  if (/(^|\/)(__proto__|constructor|prototype)(\/|$)/.test(topic)) return 'name reserved by the language'
  return undefined
}

/** Controls, what overrides the direction of text, zero-width marks, and U+FFFD, which is how invalid UTF-8 arrives. */
const invisible = (code: number): boolean =>
  (code >= 0x7f && code <= 0x9f) ||
  code === 0x061c ||
  (code >= 0x200b && code <= 0x200f) ||
  (code >= 0x2028 && code <= 0x202e) ||
  (code >= 0x2060 && code <= 0x206f) ||
  code === 0xfeff ||
  (code >= 0xfff0 && code <= 0xffff)

/** aedes disconnects for these, and the device would send the same again for ever (fault F45): they are taken out before. */
export const unroutable = (topic: string): boolean =>
  topic.length === 0 || topic.length > 1000 || /[#+]/.test(topic) || topic.split('/').length > 100

/** Why nobody may subscribe to that, or undefined. `$share` and `$SYS` are filters like any other that begins with `$`: closed. */
export const whyBadFilter = (filter: string, bounds: Bounds): string | undefined => {
  if (filter.startsWith('$')) return 'reserved'
  const levels = filter.split('/')
  for (const [i, level] of levels.entries()) {
    if (level === '+' || (level === '#' && i === levels.length - 1)) continue
    if (level.includes('+') || level.includes('#')) return 'wildcard inside a level'
  }
  return whyOddTopic(filter.replaceAll(/[#+]/g, 'x'), bounds)
}

/** A client id, a user name: what may stand in a log line and be a key. */
export const whyOddName = (name: string): string | undefined => whyOddTopic(name, { topic_bytes: 128, topic_levels: 12 })

/** Compiled once a session; asked once a message. */
export const matcher = (filters: readonly string[]): ((topic: string) => boolean) => {
  const plain = new Set(filters.filter(filter => !/[#+]/.test(filter)))
  const trees = filters
    .filter(filter => /^[^#+]+\/#$/.test(filter))
    .map(filter => ({ parent: filter.slice(0, -2), below: filter.slice(0, -1) }))
  const others = filters.filter(filter => /[#+]/.test(filter) && !/^[^#+]+\/#$/.test(filter)).map(filter => filter.split('/'))
  return topic => {
    for (const { parent, below } of trees) if (topic.startsWith(below) || topic === parent) return true
    if (plain.has(topic)) return true
    if (others.length === 0) return false
    const levels = topic.split('/')
    return others.some(filter => covered(filter, levels))
  }
}

/** Does what is allowed contain everything that the asked filter could match? */
export const covers = (allowed: readonly string[], asked: string): boolean => {
  const levels = asked.split('/')
  return allowed.some(filter => covered(filter.split('/'), levels))
}

/** Counted by hand: 50 filters over 2,000 retained words are 100,000 of these in one turn (40 ms with iterators, 5 ms so). */
const covered = (allowed: readonly string[], asked: readonly string[]): boolean => {
  for (let i = 0; i < allowed.length; i++) {
    const may = allowed[i]
    if (may === '#') return true // also when asked ends here: `a/#` matches `a` [MQTT-4.7.1-2]
    const level = asked[i]
    if (level === undefined || level === '#') return false
    if (may !== '+' && may !== level) return false
  }
  return asked.length === allowed.length
}

/** What a stranger wrote, fit for a log line or a screen: printable, at most 200 characters. */
export const shown = (text: string): string => {
  const start = text.slice(0, 200)
  const printable = start.replaceAll(/[\s\S]/g, c => (c < ' ' || (c > '~' && invisible(c.charCodeAt(0))) ? '\u00b7' : c))
  return start.length < text.length ? `${printable.slice(0, 199)}…` : printable
}
