/**
 * Whose topic is it? Asked for every topic of everything that is announced, each time somebody looks at that: a walk over all
 * devices for each (500 announced devices beside 1,000 enrolled) would hold up the station, so it is looked up.
 */
import { matches } from '../../devices/common/topic.ts'

type Owning = { readonly id: string; readonly via: string | undefined; readonly publish: readonly string[] }

/** The first owner that is neither this bridge nor behind it. */
export const ownersOf = (devices: Iterable<Owning>): ((topic: string, bridge: string) => string | undefined) => {
  const plain = new Map<string, Owning[]>()
  const corners = new Map<string, Owning>()
  const wild: { readonly filter: string; readonly device: Owning }[] = []
  for (const device of devices) {
    corners.set(device.id, device)
    for (const filter of device.publish) {
      if (filter === `devices/${device.id}/#`) continue
      if (/[+#]/.test(filter)) wild.push({ filter, device })
      else plain.set(filter, [...(plain.get(filter) ?? []), device])
    }
  }
  return (topic, bridge) => {
    const other = ({ id, via }: Owning): boolean => id !== bridge && via !== bridge
    const [first, id = ''] = topic.split('/')
    const corner = first === 'devices' ? corners.get(id) : undefined
    if (corner !== undefined && other(corner)) return corner.id
    return (plain.get(topic)?.find(other) ?? wild.find(({ filter, device }) => other(device) && matches(filter, topic))?.device)?.id
  }
}
