/** MQTT topics: does a filter match, and may two filters ever meet? One place, because rights and attribution hang on it. */
export const matches = (filter: string, topic: string): boolean => {
  const want = filter.split('/')
  const have = topic.split('/')
  for (let i = 0; i < want.length; i++) {
    if (want[i] === '#') return true
    if (i >= have.length || (want[i] !== '+' && want[i] !== have[i])) return false
  }
  return want.length === have.length
}

export const overlap = (one: string, other: string): boolean => {
  const a = one.split('/')
  const b = other.split('/')
  for (let i = 0; ; i++) {
    if (a[i] === '#' || b[i] === '#') return true
    if (i >= a.length || i >= b.length) return a.length === b.length
    if (a[i] !== '+' && b[i] !== '+' && a[i] !== b[i]) return false
  }
}

/** A device's own topic or id as it may stand in station.yaml: no wildcard, no `$`, no empty level, no control character. */
export const isOwnTopic = (topic: string): boolean => topic.length > 0 && topic.length <= 200 && !/[+#\p{Cc}]|^\$|^\/|\/\/|\/$/u.test(topic)
