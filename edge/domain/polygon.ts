/** Flat geometry: what zones, masks and the footprints of cameras are made of. */
export type Point = readonly [number, number]

/** Half of twice the signed area (shoelace); corners may run either way round. */
export const area = (corners: readonly Point[]): number => {
  let twice = 0
  let [px, py] = corners.at(-1) ?? [0, 0]
  for (const [x, y] of corners) {
    twice += px * y - x * py
    px = x
    py = y
  }
  return Math.abs(twice) / 2
}

/** By the number of edges to the right of it; a point on an edge belongs to one of the two that share it. */
export const inside = (polygon: readonly Point[], x: number, y: number): boolean => {
  let is = false
  let [px, py] = polygon.at(-1) ?? [0, 0]
  for (const [qx, qy] of polygon) {
    if (py > y !== qy > y && x < ((px - qx) * (y - qy)) / (py - qy) + qx) is = !is
    px = qx
    py = qy
  }
  return is
}

/** Whether two edges that are not neighbours cross: such an outline encloses nothing that anyone meant. */
export const crossesItself = (polygon: readonly Point[]): boolean => {
  const edges = polygon.map((from, i) => [from, polygon[(i + 1) % polygon.length] ?? from] as const)
  return edges.some((one, i) => edges.some((other, j) => j > i + 1 && !(i === 0 && j === edges.length - 1) && cross(one, other)))
}

const turn = (a: Point, b: Point, c: Point): number => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
const cross = ([a, b]: readonly [Point, Point], [c, d]: readonly [Point, Point]): boolean =>
  turn(a, b, c) !== turn(a, b, d) && turn(c, d, a) !== turn(c, d, b)

/** The smallest polygon without a dent around all points (Andrew's monotone chain). */
export const hull = (points: readonly Point[]): readonly Point[] => {
  const sorted = [...points].sort(([ax, ay], [bx, by]) => ax - bx || ay - by)
  const half = (of: readonly Point[]): Point[] => {
    const chain: Point[] = []
    for (const point of of) {
      while (chain.length >= 2 && turn(chain.at(-2) as Point, chain.at(-1) as Point, point) <= 0) chain.pop()
      chain.push(point)
    }
    return chain.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.reverse())]
}
