/** Discovery messages may be written short; here they become long again. Only what we read has an entry. */
type Words = Readonly<Record<string, unknown>>

const short: Readonly<Record<string, string>> = {
  atype: 'automation_type',
  avty: 'availability',
  avty_mode: 'availability_mode',
  avty_t: 'availability_topic',
  avty_tpl: 'availability_template',
  cmps: 'components',
  dev: 'device',
  dev_cla: 'device_class',
  evt_typ: 'event_types',
  exp_aft: 'expire_after',
  p: 'platform',
  pl: 'payload',
  pl_avail: 'payload_available',
  pl_not_avail: 'payload_not_available',
  pl_off: 'payload_off',
  pl_on: 'payload_on',
  stat_t: 'state_topic',
  stype: 'subtype',
  t: 'topic',
  uniq_id: 'unique_id',
  unit_of_meas: 'unit_of_measurement',
  val_tpl: 'value_template'
}
const shortOfDevice: Readonly<Record<string, string>> = {
  cns: 'connections',
  ids: 'identifiers',
  mdl: 'model',
  mf: 'manufacturer',
  sa: 'suggested_area',
  sw: 'sw_version'
}

export const isWords = (value: unknown): value is Words => typeof value === 'object' && value !== null && !Array.isArray(value)

const long = (said: Words, words: Readonly<Record<string, string>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(said).map(([key, value]) => [Object.hasOwn(words, key) ? words[key] : key, value]))

/** `~` at one end of a topic stands for the base topic. */
const based = (said: Words, base: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(said).map(([key, value]) => {
      if (typeof base !== 'string' || typeof value !== 'string' || !/(^|_)topic$/.test(key)) return [key, value]
      if (value.startsWith('~')) return [key, base + value.slice(1)]
      return [key, value.endsWith('~') ? value.slice(0, -1) + base : value]
    })
  )

/** One entity, or one device with its components, in long words and whole topics. */
export const written = (said: Words, outer?: unknown): Record<string, unknown> => {
  const { '~': base = outer, ...words } = long(said, short)
  const whole = based(words, base)
  if (isWords(whole.device)) whole.device = long(whole.device, shortOfDevice)
  if (Array.isArray(whole.availability))
    whole.availability = whole.availability.map(one => (isWords(one) ? based(long(one, short), base) : one))
  if (isWords(whole.components))
    whole.components = Object.fromEntries(
      Object.entries(whole.components).map(([key, one]) => [key, isWords(one) ? written(one, base) : one])
    )
  return whole
}
