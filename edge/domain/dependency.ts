/**
 * What hangs on what: a sensor on its bridge, the bridge on its switch, the switch on its power supply.
 * When something fails that others hang on, it is the cause, and they are only its consequences.
 */

/** What a thing directly hangs on, by name; nothing for what hangs on nothing. Names need not be devices: a plain switch says nothing itself. */
export type HangsOn = (thing: string) => readonly string[]

/** Everything that a thing hangs on, the nearest first. A circle, which an installer may have drawn by mistake, is walked once. */
export const supportsOf = (thing: string, hangsOn: HangsOn): readonly string[] => {
  const found = new Set<string>()
  let level = [...hangsOn(thing)]
  while (level.length > 0) {
    const fresh = level.filter(one => one !== thing && !found.has(one))
    for (const one of fresh) found.add(one)
    level = fresh.flatMap(one => [...hangsOn(one)])
  }
  return [...found]
}

export type Wired = { readonly id: string; readonly via?: string | undefined; readonly depends_on?: readonly string[] | undefined }
export type Wiring = {
  readonly hangsOn: HangsOn
  /** How many things hang on it, near or far. */
  readonly dependents: (support: string) => number
}

export const nothingHangs: Wiring = { hangsOn: () => [], dependents: () => 0 }

/**
 * A switch that is only a name says nothing of its own supply: what all its things name after it, it hangs on itself. So a list is
 * written from the nearest to the farthest.
 */
export const wiringOf = (things: readonly Wired[]): Wiring => {
  const direct = new Map(things.map(({ id, via, depends_on = [] }) => [id, [...(via === undefined ? [] : [via]), ...depends_on]]))
  const behindNames = new Map<string, readonly string[]>()
  for (const supports of direct.values())
    for (const [i, name] of supports.entries()) {
      if (direct.has(name)) continue
      const after = supports.slice(i + 1)
      behindNames.set(name, behindNames.get(name)?.filter(one => after.includes(one)) ?? after)
    }
  const hangsOn: HangsOn = thing => direct.get(thing) ?? behindNames.get(thing) ?? []
  const dependents = new Map<string, number>()
  for (const { id } of things) for (const support of supportsOf(id, hangsOn)) dependents.set(support, (dependents.get(support) ?? 0) + 1)
  return { hangsOn, dependents: support => dependents.get(support) ?? 0 }
}
