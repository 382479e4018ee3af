/** What a hostile or broken sender makes of a good message. Everything is drawn by fast-check, so that what fails is made small. */
import fc from 'fast-check'

/** Never a number and never a flag, however they look; `"true"` and `"false"` are for the conventions that say them so. */
export const nonsense: readonly unknown[] = [
  '1e3abc',
  'warm',
  '１２',
  '٣',
  '0x1F',
  ' 1 ',
  'NaN',
  '\u202e1',
  'on fire',
  [],
  [1],
  [[1]],
  {},
  { value: 1 },
  { valueOf: 1, toString: 1 },
  'true',
  'false'
]
/** Numbers and shapes that are allowed and awkward. */
const awkward: readonly unknown[] = [
  0,
  -0,
  1,
  -1,
  0.1,
  57,
  255,
  2 ** 31,
  2 ** 32,
  2 ** 53 + 2,
  1e21,
  1e308,
  -1e308,
  5e-324,
  1e15,
  true,
  false,
  null,
  '',
  'x'.repeat(5000),
  '\u0000',
  '\ud800',
  '\u202e\u200d\ufeff',
  ...nonsense
]
const strange_keys = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'temperature ',
  'Temperature',
  'tеmperature',
  '',
  'a/b',
  '0',
  '-1'
]

type Path = readonly (string | number)[]
type Tree = unknown

/** The places of a JSON value, the root too. */
const places = (value: Tree, path: Path = []): readonly Path[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : [path, ...Object.entries(value).flatMap(([key, one]) => places(one, [...path, Array.isArray(value) ? Number(key) : key]))]

export const at = (value: Tree, path: Path): Tree => path.reduce<Tree>((one, key) => (one as Record<string | number, Tree>)[key], value)

const changed = (value: Tree, path: Path, change: (parent: Record<string | number, Tree>, key: string | number) => void): Tree => {
  const copy = structuredClone(value)
  const key = path.at(-1)
  if (key !== undefined) change(at(copy, path.slice(0, -1)) as Record<string | number, Tree>, key)
  return copy
}
export const replaced = (value: Tree, path: Path, by: Tree): Tree =>
  path.length === 0
    ? by
    : changed(value, path, (parent, key) =>
        Object.defineProperty(parent, key, { value: by, enumerable: true, configurable: true, writable: true })
      )
export const without = (value: Tree, path: Path): Tree =>
  changed(value, path, (parent, key) => {
    if (Array.isArray(parent)) parent.splice(key as number, 1)
    else delete parent[key]
  })

/** Where a number or a flag stands, and what is said there instead. */
export const misplaced = (value: Tree): readonly Path[] =>
  places(value).filter(path => path.length > 0 && ['number', 'boolean'].includes(typeof at(value, path)))

const pick = <One>(list: readonly One[], n: number): One => list[n % list.length] as One

const nest = (value: Tree, n: number): Tree => (n === 0 ? value : [nest(value, n - 1)])

export type Draw = { readonly way: number; readonly where: number; readonly what: number }
export const draw = fc.record({ way: fc.nat(1000), where: fc.nat(100_000), what: fc.nat(100_000) })

export const mutateTree = (value: Tree, { way, where, what }: Draw): Tree => {
  const path = pick(places(value), where)
  switch (way % 7) {
    case 0:
    case 1:
      return replaced(value, path, pick(awkward, what))
    case 2:
      return without(value, path)
    case 3:
      return replaced(value, path, nest(at(value, path), what % 40))
    case 4:
      return replaced(value, path, at(value, pick(places(value), what)))
    case 5: {
      const here = at(value, path)
      if (typeof here !== 'object' || here === null || Array.isArray(here)) return replaced(value, path, pick(awkward, what))
      return replaced(value, [...path, pick(strange_keys, what)], pick(awkward, what >> 4))
    }
    default: {
      const here = at(value, path)
      if (!Array.isArray(here)) return replaced(value, path, [here, here])
      return replaced(value, path, [...here, ...here, pick(awkward, what)])
    }
  }
}

const bytesOf = [0, 1, 0x7f, 0x80, 0xff, 0x22, 0x5b, 0x7b, 0x5d, 0x9f, 0xbf, 0xfb, 0x0a, 0x12]
export const mutateBytes = (bytes: Uint8Array, { way, where, what }: Draw, other: Uint8Array): Uint8Array => {
  if (bytes.length === 0) return other
  const i = where % bytes.length
  const cut = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))
  const set = (value: number): Uint8Array => {
    const copy = Uint8Array.from(bytes)
    copy[i] = value
    return copy
  }
  switch (way % 8) {
    case 0:
      return set((bytes[i] as number) ^ (1 << (what % 8)))
    case 1:
      return set(pick(bytesOf, what))
    case 2:
      return bytes.subarray(0, i)
    case 3:
      return cut(bytes.subarray(0, i), Uint8Array.of(what % 256), bytes.subarray(i))
    case 4:
      return cut(bytes.subarray(0, i), bytes.subarray(i + 1 + (what % 8)))
    case 5:
      return cut(bytes.subarray(0, i), bytes.subarray(Math.max(0, i - (what % 40))))
    case 6:
      return cut(bytes.subarray(0, i), other.subarray(what % (other.length + 1)))
    default:
      return set(what % 256)
  }
}
