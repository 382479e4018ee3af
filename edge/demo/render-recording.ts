/**
 * Renders the demo's camera: a platform seen from a mast, with drawn figures that walk as real people walked in the laboratory
 * (HERMES, Forschungszentrum Jülich). No photograph and no person is in it, and the true number of people is known at every second.
 *
 *   node --import tsx edge/demo/render-recording.ts FOLDER/HERMES/Corridor-2D/bot-360-120-120.txt
 *
 * The laboratory crowd reaches 2.6 p/m² on 2.5 × 2.5 m; a demo must show red (4 p/m² on a platform). So the paths are drawn at
 * 0.4 of their size and at 0.8 of their pace, which makes the same crowd 6.2 times as dense where it is densest.
 *
 * What crowdlite makes of it (1024×768, every second): MAE 12.4 people, all undercounting, of 49 on average; correlation 0.98; red from the 21st second on.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import sharp from 'sharp'

type Walker = { readonly id: number; readonly x: number; readonly y: number; readonly tall_m: number }

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quality: { type: 'string', default: '60' },
    fps: { type: 'string', default: '5' },
    still: { type: 'string' },
    out: { type: 'string' }
  }
})
const fps = Number(options.fps)
const [width, height] = [640, 480]
const shrink = 0.4
const tempo = 0.8
const calm_s = 4
const recorded_fps = 16

/** The mast: 6.2 m high, 4.4 m before the platform's edge, looking down across it. Metres: x along the platform, y away from the camera. */
const mast = { high_m: 6.2, before_m: 5.4, f_px: 540, tilt: 0.66 }
const platform = { left: -4, right: 4, near: -1, far: 3.2 }

const px = (x: number, y: number, z = 0): readonly [number, number] => {
  const [c, s] = [Math.cos(mast.tilt), Math.sin(mast.tilt)]
  const [ahead, down] = [y + mast.before_m, mast.high_m - z]
  const depth = ahead * c + down * s
  return [width / 2 + (mast.f_px * x) / depth, height / 2 + (mast.f_px * (down * c - ahead * s)) / depth]
}
const scaleAt = (x: number, y: number, z = 0): number => px(x + 0.5, y, z)[0] - px(x - 0.5, y, z)[0]

const walkersFrom = async (file: string): Promise<{ readonly at: (seconds: number) => Walker[]; readonly seconds: number }> => {
  const rows = (await readFile(file, 'utf8'))
    .split('\n')
    .map(line => line.trim().split(/\s+/).map(Number))
    .filter(row => row.length >= 5 && row.every(Number.isFinite))
  const byFrame = new Map<number, Walker[]>()
  for (const [id = 0, frame = 0, x = 0, y = 0, z = 170] of rows) {
    const list = byFrame.get(frame) ?? []
    // The laboratory's long axis lies along the platform.
    list.push({ id, x: (y / 100) * shrink, y: (x / 100) * shrink, tall_m: Math.max(1.5, z / 100) })
    byFrame.set(frame, list)
  }
  const frames = [...byFrame.keys()]
  const [first, last] = [Math.min(...frames), Math.max(...frames)]
  return {
    seconds: (last - first) / recorded_fps / tempo + calm_s,
    at: seconds => (seconds < calm_s ? [] : (byFrame.get(first + Math.round((seconds - calm_s) * tempo * recorded_fps)) ?? []))
  }
}

/** Two who wait from the first second to the last, so that calm is not empty. */
const waiting: readonly Walker[] = [
  { id: 9001, x: -3.4, y: 2.6, tall_m: 1.7 },
  { id: 9002, x: 3.5, y: 2.4, tall_m: 1.78 }
]

/** Repeatable chance: the same person has the same coat in every frame and every rendering. */
const chance = (seed: number): number => {
  const x = Math.sin(seed * 127.1 + 311.7) * 43_758.545_3
  return x - Math.floor(x)
}
const coats = [
  '#26324a',
  '#5a2f2b',
  '#3d4a3a',
  '#6b675f',
  '#20242a',
  '#7a6a52',
  '#394b5c',
  '#4b2f45',
  '#8a8d90',
  '#2d3b33',
  '#a09683',
  '#1f2f4f'
]
const hairs = ['#1b1613', '#241a14', '#0f0d0c', '#3a2a1e', '#2b2b2b']
const skins = ['#c69a7c', '#d2a686', '#b98a6b', '#cfa58a']
const of = (list: readonly string[], seed: number): string => list[Math.floor(chance(seed) * list.length)] ?? '#333333'

const figure = ({ id, x, y, tall_m }: Walker): string => {
  const k = scaleAt(x, y, tall_m)
  const [fx, fy] = px(x, y)
  const [hx, hy] = px(x, y, tall_m - 0.12)
  const [sx, sy] = px(x, y, tall_m - 0.33)
  const r = 0.13 * k
  const wide = (0.19 + 0.04 * chance(id + 3)) * k
  const coat = of(coats, id)
  const n = (value: number): string => value.toFixed(1)
  return [
    `<ellipse cx="${n(fx + 0.12 * k)}" cy="${n(fy)}" rx="${n(0.3 * k)}" ry="${n(0.12 * k)}" fill="#000" fill-opacity="0.28"/>`,
    `<path d="M${n(fx - 0.1 * k)} ${n(fy)} L${n(sx - wide)} ${n(sy + 0.12 * k)} Q${n(sx - wide)} ${n(sy - 0.03 * k)} ${n(sx)} ${n(sy - 0.05 * k)} Q${n(sx + wide)} ${n(sy - 0.03 * k)} ${n(sx + wide)} ${n(sy + 0.12 * k)} L${n(fx + 0.1 * k)} ${n(fy)} Z" fill="${coat}"/>`,
    `<path d="M${n(sx + wide * 0.35)} ${n(sy)} Q${n(sx + wide)} ${n(sy - 0.03 * k)} ${n(sx + wide)} ${n(sy + 0.12 * k)} L${n(fx + 0.1 * k)} ${n(fy)} L${n(fx + 0.03 * k)} ${n(fy)} Z" fill="#000" fill-opacity="0.22"/>`,
    `<ellipse cx="${n(hx)}" cy="${n(hy)}" rx="${n(r * 0.86)}" ry="${n(r * 1.08)}" fill="${of(skins, id + 7)}"/>`,
    `<path d="M${n(hx - r * 0.9)} ${n(hy + r * 0.1)} A${n(r * 0.9)} ${n(r * 1.12)} 0 0 1 ${n(hx + r * 0.9)} ${n(hy + r * 0.1)} Q${n(hx)} ${n(hy - r * 0.5)} ${n(hx - r * 0.9)} ${n(hy + r * 0.1)}" fill="${of(hairs, id + 11)}"/>`
  ].join('')
}

const quad = (corners: readonly (readonly [number, number, number?])[], fill: string, more = ''): string =>
  `<polygon points="${corners
    .map(([x, y, z]) =>
      px(x, y, z ?? 0)
        .map(v => v.toFixed(1))
        .join(',')
    )
    .join(' ')}" fill="${fill}" ${more}/>`

/** Tiles, a yellow line, the wall behind and the track in front, with the dirt that a real floor has. */
const background = async (): Promise<Buffer> => {
  const parts: string[] = [`<rect width="${width}" height="${height}" fill="#37393c"/>`]
  for (let x = -9; x < 9; x += 0.6)
    for (let y = platform.near; y < 4.4; y += 0.6) {
      const light = 52 + chance(x * 13 + y * 71) * 7
      parts.push(
        quad(
          [
            [x, y],
            [x + 0.58, y],
            [x + 0.58, y + 0.58],
            [x, y + 0.58]
          ],
          `hsl(38 5% ${light.toFixed(1)}%)`
        )
      )
    }
  parts.push(
    quad(
      [
        [-9, platform.near],
        [9, platform.near],
        [9, platform.near + 0.25],
        [-9, platform.near + 0.25]
      ],
      '#b89b3a'
    )
  )
  parts.push(
    quad(
      [
        [-9, platform.near],
        [9, platform.near],
        [9, platform.near, -1],
        [-9, platform.near, -1]
      ],
      '#26282a'
    )
  )
  for (const y of [-1.3, -2.6])
    parts.push(
      quad(
        [
          [-9, y, -1],
          [9, y, -1],
          [9, y + 0.09, -1],
          [-9, y + 0.09, -1]
        ],
        '#7d7f80'
      )
    )
  parts.push(
    quad(
      [
        [-9, 4.4],
        [9, 4.4],
        [9, 4.4, 3],
        [-9, 4.4, 3]
      ],
      '#8b908d'
    )
  )
  for (let x = -9; x < 9; x += 1.5)
    parts.push(
      quad(
        [
          [x, 4.4, 0.2],
          [x + 1.42, 4.4, 0.2],
          [x + 1.42, 4.4, 2.4],
          [x, 4.4, 2.4]
        ],
        `hsl(150 4% ${(56 + chance(x) * 5).toFixed(1)}%)`
      )
    )
  const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join('')}</svg>`)
  const dirt = Buffer.alloc(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    const value = chance(i) * 255
    dirt.set([value, value, value, 14], i * 4)
  }
  return await sharp(svg)
    .composite([{ input: dirt, raw: { width, height, channels: 4 } }])
    .removeAlpha()
    .png()
    .toBuffer()
}

const visible = ({ x, y, tall_m }: Walker): boolean => {
  const [u, v] = px(x, y, tall_m - 0.12)
  return u >= 0 && u < width && v >= 0 && v < height
}

/** The truth that the recording is judged by: the fullest 2.5 × 2.5 m, in steps of half a metre. */
const densest = (walkers: readonly Walker[]): number => {
  let most = 0
  for (let x = -8; x < 8; x += 0.25)
    for (let y = -2; y < 6; y += 0.25)
      most = Math.max(most, walkers.filter(w => w.x >= x && w.x < x + 2.5 && w.y >= y && w.y < y + 2.5).length)
  return most / 6.25
}

const band = (top: number, bottom: number) =>
  [
    [0, top],
    [width, top],
    [width, bottom],
    [0, bottom]
  ].map(corner => corner.map(Math.round))

const [file] = positionals
if (file === undefined) throw new Error('say which HERMES file')
const walkers = await walkersFrom(file)
const floor = await background()
const peopleAt = (seconds: number): Walker[] => [...waiting, ...walkers.at(seconds)].filter(visible).sort((a, b) => b.y - a.y)
const draw = async (seconds: number): Promise<Buffer> => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${peopleAt(seconds).map(figure).join('')}</svg>`
  return await sharp(floor)
    .composite([{ input: Buffer.from(svg) }])
    .png({ compressionLevel: 1 })
    .toBuffer()
}

if (options.still !== undefined) {
  await writeFile(options.out ?? 'platform.png', await draw(Number(options.still)))
  console.log(peopleAt(Number(options.still)).length, densest(peopleAt(Number(options.still))))
} else {
  const pages = await Promise.all(Array.from({ length: Math.floor(walkers.seconds * fps) }, (_, i) => draw(i / fps)))
  const webp = await sharp(pages, { join: { animated: true } })
    .webp({ quality: Number(options.quality), effort: 4, loop: 0, delay: pages.map(() => 1000 / fps) })
    .toBuffer()
  await writeFile(new URL('platform.webp', import.meta.url), webp)
  const corners = [
    [platform.left, platform.near],
    [platform.right, platform.near],
    [platform.right, platform.far],
    [platform.left, platform.far],
    [0, 1]
  ] as const
  const round = (value: number): number => Number(value.toFixed(2))
  const described = {
    picture: { width, height, fps, seconds: round(pages.length / fps) },
    ground: corners.map(([x, y]) => ({ px: px(x, y).map(round), m: [round(x - platform.left), round(y - platform.near)] })),
    // Above the heads of the last row, and below the edge: wall and track are no ground that people stand on.
    masks: [band(0, px(0, platform.far, 2)[1]), band(px(0, platform.near)[1], height)],
    area_m2: round((platform.right - platform.left) * (platform.far - platform.near)),
    truth: Array.from({ length: Math.floor(pages.length / fps) }, (_, second) => ({
      second,
      people: peopleAt(second).length,
      density_per_m2: round(densest(peopleAt(second)))
    }))
  }
  await writeFile(new URL('platform.json', import.meta.url), `${JSON.stringify(described)}\n`)
  console.log(`${pages.length} pictures, ${(webp.length / 2 ** 20).toFixed(2)} MiB`)
}
