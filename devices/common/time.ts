/**
 * The time a device claims, as epoch ms, however it writes it: RFC 3339, or a number of seconds, ms, µs or ns since 1970 [F47].
 * Nothing claimed is undefined; something that is no time is NaN, so that the reading is kept at the station's time and says so [F22].
 */
export const claimedTime = (said: unknown): number | undefined => {
  if (said === undefined || said === null || said === '') return undefined
  if (typeof said === 'number') return fromNumber(said)
  if (typeof said !== 'string') return Number.NaN
  if (/^-?\d{1,20}(\.\d{1,9})?$/.test(said)) return fromNumber(Number(said))
  // Local time without an offset names no moment: the station's clock is better than a guess.
  if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(said)) return undefined
  return rfc3339.test(said) ? Date.parse(said.replace(' ', 'T').toUpperCase()) : Number.NaN
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/

/** Each unit is a thousand times the next, so their ranges for any year from 1973 to 5138 do not touch. */
const fromNumber = (said: number): number => {
  const size = Math.abs(said)
  return size < 1e11 ? said * 1e3 : size < 1e14 ? said : size < 1e17 ? said / 1e3 : said / 1e6
}
