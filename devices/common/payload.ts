/**
 * Bytes from a wire become a JSON value or a reason, never an exception. Limits come before parsing, because a payload is
 * the one thing here that a stranger writes [R29, F46].
 */
import { between_languages } from '../../edge/domain/words.ts'

export type Parsed = { readonly value: unknown } | { readonly text: string } | { readonly unreadable: string }

/** A reason in both languages, for whoever looks after devices. */
export const unreadable = (zh: string, en: string): { readonly unreadable: string } => ({ unreadable: `${zh}${between_languages}${en}` })

export const misread = (zh: string, en: string): { readonly misread: string } => ({ misread: unreadable(zh, en).unreadable })

export const max_payload_bytes = 65_536
export const max_depth = 32

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `text`: what is no JSON is handed on as it is, for the conventions that say plain `online`. */
export const parsePayload = (bytes: Uint8Array, text: boolean, most_bytes = max_payload_bytes): Parsed => {
  const wrong = misfitBytes(bytes, most_bytes)
  if (wrong !== undefined) return { unreadable: wrong }
  const coding = foreignCoding(bytes)
  if (coding !== undefined) return { unreadable: coding }
  const deep = depthOf(bytes)
  if (deep > max_depth) return { unreadable: `the JSON is nested deeper than ${max_depth}` }
  let said: string
  try {
    said = utf8.decode(bytes)
  } catch {
    return { unreadable: 'the payload is not valid UTF-8' }
  }
  let value: unknown
  try {
    value = JSON.parse(said)
  } catch (cause) {
    return text ? { text: said.trim() } : { unreadable: `the payload is not JSON: ${quote((cause as SyntaxError).message, 120)}` }
  }
  return allFinite(value) ? { value } : { unreadable: 'a number in it is too large to be one' }
}

/** What makes any payload unfit before anything looks into it. */
export const misfitBytes = (bytes: Uint8Array, most_bytes = max_payload_bytes): string | undefined => {
  if (bytes.length === 0) return 'the payload is empty'
  return bytes.length > most_bytes ? `the payload has ${bytes.length} bytes, limit ${most_bytes}` : undefined
}

/** What a person may be shown of a payload: one line, no control, escape or direction characters, at most `max` characters [R31, R44]. */
export const quote = (payload: Uint8Array | string, max = 200): string => {
  const start = typeof payload === 'string' ? payload.slice(0, max * 2) : new TextDecoder().decode(payload.subarray(0, max * 4))
  const shown = Array.from(start.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '·'))
  return shown.length > max ? `${shown.slice(0, max - 1).join('')}…` : shown.join('')
}

const foreignCoding = (bytes: Uint8Array): string | undefined => {
  const [a, b, c] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'the payload begins with a byte order mark; JSON has none'
  if ((a === 0xfe && b === 0xff) || (a === 0xff && b === 0xfe) || a === 0 || b === 0)
    return 'the payload is UTF-16; JSON over MQTT is UTF-8'
  return undefined
}

/** Counted on the bytes: all brackets and quotes of JSON are ASCII, and no byte of a longer UTF-8 character is. */
const depthOf = (bytes: Uint8Array): number => {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (quoted) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) quoted = false
    } else if (byte === 0x22) quoted = true
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return deepest
}

/** `JSON.parse('1e400')` is Infinity without a word. */
const allFinite = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  return Array.isArray(value) ? value.every(allFinite) : Object.values(value).every(allFinite)
}
