/**
 * Mapping files: a device whose convention has no profile is understood by a file of the station's own, one file a profile. What it
 * says is taken out of the payload by JMESPath, a language without loops or recursion, so that no message can keep the station busy
 * [decision 0029]. A file proves itself by its examples; one that does not stops the start, by name.
 */
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { compile, type JSONValue, TreeInterpreter } from '@jmespath-community/jmespath'
import { type Static, Type } from 'typebox'
import { misread, quote, unreadable } from '../devices/common/payload.ts'
import { claimedTime } from '../devices/common/time.ts'
import { matches } from '../devices/common/topic.ts'
import { fitted } from '../devices/common/values.ts'
import {
  type DeviceProfile,
  type Example,
  example_now,
  fill,
  listenTo,
  Type as Payload,
  type Said,
  type Timed,
  type Values
} from '../devices/device.ts'
import { isQuantity, type Quantity, quantities } from './domain/vocabulary.ts'
import { type Mistake, nearest, readSettings, SettingsError } from './settings.ts'

const text = (title: string, most = 80) => Type.String({ title, minLength: 1, maxLength: most })
const filter = Type.String({
  title: 'Topic it speaks on',
  description: 'with {topic}, or beginning with devices/{id}/',
  minLength: 1,
  maxLength: 200,
  examples: ['{topic}/up']
})

const Mapping = Type.Object(
  {
    vendor: text('Who makes it'),
    model: text('Which model'),
    label: Type.Object(
      { 'zh-CN': text('中文名称'), en: text('English name') },
      { additionalProperties: false, title: 'Name in both languages' }
    ),
    measures: Type.Array(Type.String({ title: 'Quantity' }), { title: 'Quantities it measures', minItems: 1 }),
    messages: Type.Array(
      Type.Object(
        {
          on: Type.Array(filter, { title: 'Topics that carry it', minItems: 1, maxItems: 16 }),
          read: Type.String({
            title: 'JMESPath that makes of the payload an object of quantities, or a list of them',
            description: 'at may be its time',
            minLength: 1,
            maxLength: 2000,
            examples: ['{temperature_celsius: t / `10`, at: time}']
          })
        },
        { additionalProperties: false }
      ),
      { title: 'What it says', minItems: 1, maxItems: 32 }
    ),
    subscribe: Type.Array(filter, { title: 'Topics it hears', default: [], maxItems: 16 }),
    examples: Type.Array(
      Type.Object(
        {
          name: text('What is shown', 200),
          topic: Type.Optional(filter),
          says: Type.Unknown({ title: 'What it says' }),
          means: Type.Record(Type.String(), Type.Unknown(), {
            title: 'What it means: quantities with their values, or {unreadable: …}, or {nothing: …}',
            examples: [{ temperature_celsius: 21.5 }]
          })
        },
        { additionalProperties: false }
      ),
      { title: 'Examples; they are checked at every start', minItems: 1, maxItems: 100 }
    )
  },
  { additionalProperties: false }
)
type Mapping = Static<typeof Mapping>

/** Every mapping of a folder, by the name of its file. Throws `SettingsError` with a sentence for each mistake in any of them. */
export const readMappings = (folder: string, taken: readonly string[]): ReadonlyMap<string, DeviceProfile> => {
  const found = new Map<string, DeviceProfile>()
  const mistakes: string[] = []
  for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
    if (!/\.ya?ml$/.test(file)) continue
    const name = basename(file).replace(/\.ya?ml$/, '')
    try {
      const mapping = readSettings(Mapping, join(folder, file), mapping => mistakesOf(name, mapping, [...taken, ...found.keys()]))
      found.set(name, profileOf(mapping))
    } catch (cause) {
      if (!(cause instanceof SettingsError)) throw cause
      mistakes.push(...cause.mistakes)
    }
  }
  if (mistakes.length > 0) throw new SettingsError(mistakes)
  return found
}

const profileOf = ({ vendor, model, label, measures, messages, subscribe, examples }: Mapping): DeviceProfile => ({
  vendor,
  model,
  label,
  topics: () => ({ publish: [...new Set(messages.flatMap(({ on }) => on))], subscribe }),
  messages: messages.map(({ on, read }) => {
    const meaning = compile(read)
    return { on, payload: Payload.Unknown(), decode: (payload: unknown) => decoded(meaning, payload as JSONValue, measures as Quantity[]) }
  }),
  measures: measures as Quantity[],
  examples: examples as readonly Example[]
})

const most = 1000
type Meaning = ReturnType<typeof compile>

const decoded = (meaning: Meaning, payload: JSONValue, measures: readonly Quantity[]): Said => {
  const { found, misread: wrong } = workedOut(meaning, payload)
  const all = Array.isArray(found) ? found : [found]
  const cut = all.length > most && misread(`${all.length} 条只取前 ${most} 条`, `of ${all.length} records the first ${most} are taken`)
  return { records: all.slice(0, most).map(one => recordOf(one, measures)), misread: wrong, ...cut }
}

/** Part by part where the whole cannot be: a temperature that is a word takes no alarm along. */
const workedOut = (meaning: Meaning, payload: JSONValue): { readonly found: unknown; readonly misread?: string } => {
  try {
    return { found: TreeInterpreter.search(meaning, payload) }
  } catch (cause) {
    const why = quote((cause as Error).message, 120)
    const wrong = misread(`映射算不出来：${why}`, `the mapping cannot be worked out: ${why}`)
    if (meaning.type !== 'MultiSelectHash') return { found: null, ...wrong }
    const parts = meaning.children.map(({ name, value }) => [name, workedOut(value, payload).found])
    return { found: Object.fromEntries(parts), ...wrong }
  }
}

const recordOf = (found: unknown, measures: readonly Quantity[]): Timed => {
  const values: Values = {}
  if (found === null) return { values }
  if (typeof found !== 'object' || Array.isArray(found))
    return { values, ...misread('映射得到的不是对象', 'what the mapping makes of it is no object of quantities') }
  const { at, ...said } = found as Readonly<Record<string, unknown>>
  let wrong: string | undefined
  for (const [word, value] of Object.entries(said)) {
    if (value === null) continue
    const fits =
      isQuantity(word) && measures.includes(word)
        ? fitted(word, value)
        : unreadable(`${quote(word, 40)} 不在这个映射的 measures 里`, `${quote(word, 40)} is not among the measures of this mapping`)
    if (typeof fits === 'number') values[word as Quantity] = fits
    else wrong ??= fits.unreadable
  }
  return { values, at: claimedTime(at), misread: wrong }
}

const meant = (word: string): string => {
  const words = Object.keys(quantities)
  const close = words.filter(one => one.includes(word))
  return close.length > 0 ? `did you mean ${close.join(' or ')}?` : nearest(word, words)
}

const own = { id: 'd-1', topic: 'own-1' }

const mistakesOf = (name: string, mapping: Mapping, taken: readonly string[]): readonly Mistake[] => {
  const mistakes: Mistake[] = []
  const say = (path: string, wrong: string, right: string): void => void mistakes.push({ path, wrong, right })
  if (taken.includes(name)) say('', `there is a profile "${name}" already`, 'right would be: a file name of its own')
  mapping.measures.forEach((word, i) => {
    if (!isQuantity(word)) say(`/measures/${i}`, `there is no quantity "${word}"`, meant(word))
  })
  const filters = [
    ...mapping.messages.flatMap(({ on }, i) => on.map((one, k) => [`/messages/${i}/on/${k}`, one] as const)),
    ...mapping.subscribe.map((one, i) => [`/subscribe/${i}`, one] as const)
  ]
  for (const [path, one] of filters)
    if (!isOwn(one))
      say(
        path,
        `"${one}" is not below the device's own topic`,
        'right would be: {topic}/…, …/{topic}/… or devices/{id}/…, before any wildcard'
      )
  mapping.messages.forEach(({ on, read }, i) => {
    try {
      compile(read)
    } catch (cause) {
      say(
        `/messages/${i}/read`,
        `is no JMESPath (${(cause as Error).message})`,
        'right would be: for example {temperature_celsius: t / `10`}'
      )
    }
    const shown = mapping.examples.some(({ topic = '{topic}' }) => on.some(one => matches(fill(one, own), fill(topic, own))))
    if (!shown) say(`/messages/${i}`, 'no example shows it', 'right would be: an example with its topic')
  })
  // What does not hold together is not tried out.
  return mistakes.length > 0 ? mistakes : unproved(mapping)
}

const unproved = (mapping: Mapping): readonly Mistake[] => {
  const mistakes: Mistake[] = []
  const profile = profileOf(mapping)
  mapping.examples.forEach(({ topic = '{topic}', says, means }, i) => {
    const bytes = new TextEncoder().encode(typeof says === 'string' ? says : JSON.stringify(says))
    const heard = listenTo(profile, { device: own.id, zone: 'z', topic: own.topic })(fill(topic, own), bytes, example_now)
    const is = 'readings' in heard ? Object.fromEntries(heard.readings.map(({ quantity, value }) => [quantity, value])) : heard
    const [got, want] = [sorted(is), sorted(means)]
    const word = Object.keys(means)[0] ?? ''
    const same = word === 'unreadable' || word === 'nothing' ? word in is : got === want
    if (!same)
      mistakes.push({
        path: `/examples/${i}/means`,
        wrong: `it means ${got.slice(0, 200)} and not ${want.slice(0, 200)}`,
        right: 'right would be: one of the two, in read or here'
      })
  })
  const shown = new Set(mapping.examples.flatMap(({ means }) => Object.keys(means)))
  mapping.measures.forEach((word, i) => {
    if (!shown.has(word))
      mistakes.push({ path: `/measures/${i}`, wrong: `no example shows ${word}`, right: 'right would be: an example that means it' })
  })
  return mistakes
}

const sorted = (values: object): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(values)
        .map(([key, value]) => [key, typeof value === 'boolean' ? Number(value) : value])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
    )
  )

/** Below its own topic or its own corner, whatever else is in the filter. */
const isOwn = (one: string): boolean => {
  const levels = one.split('/')
  const wild = levels.findIndex(level => level === '+' || level === '#')
  const fixed = wild < 0 ? levels : levels.slice(0, wild)
  const decent = levels.every(
    (level, i) =>
      level === '{topic}' ||
      level === '{id}' ||
      level === '+' ||
      (level === '#' && i === levels.length - 1) ||
      /^[^{}+#$\p{Cc}]+$/u.test(level)
  )
  if (!decent || levels[0] === 'station') return false
  return levels[0] === 'devices' ? fixed[1] === '{id}' && levels.length > 2 : fixed.includes('{topic}')
}
