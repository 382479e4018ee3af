/** A model by its name: one of ours, a folder with a model.ts in the release, or a pack in the station's state folder. */
import { access } from 'node:fs/promises'
import type { Model } from '../../../models/model.ts'
import { type Opened, openCounter } from './counter.ts'
import { readPack } from './pack.ts'
import { sentence } from './sentence.ts'

/** Where the models of the release lie, seen from the sources and from dist alike. */
export const shippedModels = new URL('../../../models/', import.meta.url)

export const openModel = async (name: string, models: string, packs?: string): Promise<Opened> => {
  const found = await findModel(name, models, packs)
  return 'refused' in found ? found : await openCounter(found.model, found.folder)
}

type Found = { readonly model: Model; readonly folder: URL } | { readonly refused: string }

/** What is said of it, without its weights. */
export const findModel = async (name: string, models: string, packs?: string): Promise<Found> => {
  const ours = new URL(`${name}/`, folder(models))
  const file = new URL(import.meta.url.endsWith('.ts') ? 'model.ts' : 'model.js', ours)
  // A pack that is called as one of ours is never looked at: what the release brings cannot be replaced by a file in a folder.
  if (packs !== undefined && !(await exists(file))) {
    const theirs = new URL(`${name}/`, folder(packs))
    const read = await readPack(name, theirs)
    return 'refused' in read ? read : { model: read.model, folder: theirs }
  }
  try {
    const { default: model } = (await import(file.href)) as { default: Model }
    return { model, folder: ours }
  } catch (cause) {
    return { refused: sentence(`模型 ${name} 无法加载`, `model ${name} does not load: ${(cause as Error).message.split('\n', 1)[0]}`) }
  }
}

const folder = (href: string): string => (href.endsWith('/') ? href : `${href}/`)

const exists = async (file: URL): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false
  )
