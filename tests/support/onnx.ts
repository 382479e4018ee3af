/**
 * Small ONNX graphs, written byte by byte: a "crowd" model that counts white ground (one person per 8 × 8 px of white), and what
 * else one wants it to say. Whoever brings a model brings a graph that nobody here has seen, so tests need such graphs too.
 */
type Side = number | string
type Value = { readonly name: string; readonly type: number; readonly shape: readonly Side[] }
type Attribute = readonly [name: string, value: number | readonly number[]]

export const float32 = 1
export const uint8 = 2

const varint = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = BigInt(value)
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 128 : low)
  } while (rest > 0n)
  return Buffer.from(bytes)
}
const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)])
const block = (field: number, ...parts: readonly (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map(part => Buffer.from(part as string)))
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body])
}

const attribute = ([name, value]: Attribute): Buffer =>
  typeof value === 'number'
    ? block(5, block(1, name), number(3, value), number(20, 2))
    : block(5, block(1, name), ...value.map(one => number(8, one)), number(20, 7))
const node = (kind: string, from: readonly string[], to: string, ...attributes: readonly Attribute[]): Buffer =>
  block(1, ...from.map(name => block(1, name)), block(2, to), block(4, kind), ...attributes.map(attribute))
const constant = (name: string, value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return block(5, number(1, 1), number(2, float32), block(8, name), block(9, bytes))
}
const described = (field: number, { name, type, shape }: Value): Buffer => {
  const sides = shape.map(side => block(1, typeof side === 'number' ? number(1, side) : block(2, side)))
  return block(field, block(1, name), block(2, block(1, number(1, type), block(2, ...sides))))
}

export type Whiteness = {
  readonly input?: Value
  readonly cell_px?: number
  /** At which brightness of 255 somebody is seen; below zero everybody is everywhere. */
  readonly from?: number
  readonly map?: string
  readonly also?: readonly Value[]
  /** A map per colour in place of one. */
  readonly perColour?: boolean
}

export const whiteness = ({
  input = { name: 'frame', type: uint8, shape: [1, 'h', 'w', 3] },
  cell_px = 8,
  from = 200,
  map = 'density',
  also = [],
  perColour = false
}: Whiteness = {}): Buffer => {
  const bytes = input.type === uint8
  const brightness = bytes ? 255 : 1
  const nodes = [
    ...(bytes
      ? [node('Cast', [input.name], 'floats', ['to', float32]), node('Transpose', ['floats'], 'planes', ['perm', [0, 3, 1, 2]])]
      : [node('Identity', [input.name], 'planes')]),
    node('AveragePool', ['planes'], 'cells', ['kernel_shape', [cell_px, cell_px]], ['strides', [cell_px, cell_px]]),
    perColour ? node('Identity', ['cells'], 'grey') : node('ReduceMean', ['cells'], 'grey', ['axes', [1]], ['keepdims', 1]),
    node('Sub', ['grey', 'from'], 'above'),
    node('Relu', ['above'], 'lit'),
    node('Mul', ['lit', 'each'], map),
    ...also.map(({ name, shape }) => node('RandomNormal', [], name, ['shape', shape as readonly number[]]))
  ]
  const density: Value = { name: map, type: float32, shape: [1, perColour ? 3 : 1, 'rows', 'columns'] }
  const graph = block(
    7,
    ...nodes,
    block(2, 'whiteness'),
    constant('from', (from / 255) * brightness),
    constant('each', 255 / ((255 - from) * brightness)),
    described(11, input),
    ...[density, ...also].map(value => described(12, value))
  )
  return Buffer.concat([number(1, 8), graph, block(8, block(1, ''), number(2, 17))])
}
