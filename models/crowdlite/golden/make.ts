/**
 * Makes the golden picture and its answer: figures drawn by us on a drawn floor, so that nobody's photograph lies in the tree.
 * Run it again only for new weights: `node --import tsx models/crowdlite/golden/make.ts`.
 */
import { readFile, writeFile } from 'node:fs/promises'
import ort from 'onnxruntime-node'
import sharp from 'sharp'
import model from '../model.ts'

const width = 192
const height = 160
const coats = ['#26324a', '#5a2f2b', '#3d4a3a', '#6b675f', '#20242a']
const figures = Array.from({ length: 24 }, (_, i) => ({
  x: 14 + ((i * 37) % 168),
  y: 26 + Math.floor(i / 8) * 42 + ((i * 13) % 17),
  coat: coats[i % coats.length] ?? '#333'
}))
const floor = Array.from(
  { length: 12 },
  (_, i) => `<rect x="${(i % 4) * 48}" y="${Math.floor(i / 4) * 54}" width="47" height="53" fill="hsl(40 6% ${58 + ((i * 7) % 5)}%)"/>`
)
const people = figures
  .sort((a, b) => a.y - b.y)
  .map(
    ({ x, y, coat }) =>
      `<ellipse cx="${x + 3}" cy="${y + 25}" rx="9" ry="3" fill="#0004"/><path d="M${x - 6} ${y + 24} Q${x - 8} ${y + 5} ${x} ${y + 4} Q${x + 8} ${y + 5} ${x + 6} ${y + 24} Z" fill="${coat}"/><circle cx="${x}" cy="${y}" r="5" fill="#c69a7c"/><path d="M${x - 5} ${y} A5 5 0 0 1 ${x + 5} ${y} Q${x} ${y - 4} ${x - 5} ${y}" fill="#1b1613"/>`
  )
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#8d8a84"/>${floor.join('')}${people.join('')}</svg>`

const png = await sharp(Buffer.from(svg)).removeAlpha().png().toBuffer()
const rgb = await sharp(png).raw().toBuffer()
const session = await ort.InferenceSession.create(await readFile(new URL(`../${model.file}`, import.meta.url)), { intraOpNumThreads: 1 })
const { frame } = model.pre(rgb, width, height)
if (frame === undefined) throw new Error('the model takes no frame')
const outputs = await session.run({ frame: new ort.Tensor('uint8', frame.data as Uint8Array, frame.dims) })
const cells = model.post(outputs as never, width, height)
if ('refused' in cells) throw new Error(cells.refused)
const rounded = [...cells.people].map(value => Number(value.toFixed(5)))
await writeFile(new URL('picture.png', import.meta.url), png)
await writeFile(new URL('cells.json', import.meta.url), `${JSON.stringify({ columns: cells.columns, rows: cells.rows, cells: rounded })}\n`)
console.log(`${figures.length} figures drawn, ${rounded.reduce((a, b) => a + b, 0).toFixed(1)} counted`)
