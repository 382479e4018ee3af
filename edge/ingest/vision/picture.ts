/** Opens compressed pictures with sharp, within limits: a 389 KB file can claim 20,000 × 20,000 pixels [faults 2.5]. */
import sharp from 'sharp'
import type { Hands } from './source.ts'
import type { Size, View } from './view.ts'

/** 8K is 33 million. */
const most_pixels = 40_000_000
/** A 4K JPEG of best quality stays below. */
export const most_bytes = 8 * 2 ** 20

export const readSize = async (bytes: Uint8Array): Promise<Size> => {
  const { width, height } = await sharp(bytes, { limitInputPixels: most_pixels }).metadata()
  return { width, height }
}

/** Onto the canvas: top left, the rest black. */
export const layPicture = async (bytes: Uint8Array, { content, canvas }: View): Promise<Uint8Array> =>
  await sharp(bytes, { limitInputPixels: most_pixels, failOn: 'error', sequentialRead: true })
    .removeAlpha()
    .toColourspace('srgb')
    .resize(content.width, content.height, { fit: 'fill' })
    .extend({ right: canvas.width - content.width, bottom: canvas.height - content.height, background: 'black' })
    .raw()
    .toBuffer()

export const layPixels = async (rgb: Uint8Array, size: Size, { content, canvas }: View): Promise<Uint8Array> =>
  await sharp(rgb, { raw: { ...size, channels: 3 } })
    .resize(content.width, content.height, { fit: 'fill' })
    .extend({ right: canvas.width - content.width, bottom: canvas.height - content.height, background: 'black' })
    .raw()
    .toBuffer()

/** Lays out each picture as large as it is, also when the camera changes its resolution between two of them. */
export const pictureOpener = (hands: Hands): ((bytes: Uint8Array) => Promise<void>) => {
  let view: View | undefined
  return async bytes => {
    const size = await readSize(bytes)
    if (view === undefined || view.source.width !== size.width || view.source.height !== size.height) view = hands.lay(size)
    hands.picture(await layPicture(bytes, view))
  }
}
