/** Everything that is added to the station by adding a file. */
import type { DeviceProfile } from '../devices/device.ts'
import type { Rule } from './domain/rules/rule.ts'
import type { Sop } from './domain/sops/sop.ts'
import type { Template } from './domain/templates/template.ts'
import { loadFolder } from './load.ts'
import type { Channel } from './notify/channel.ts'

export type Definitions = {
  readonly profiles: ReadonlyMap<string, DeviceProfile>
  readonly rules: ReadonlyMap<string, Rule>
  readonly templates: ReadonlyMap<string, Template>
  readonly sops: ReadonlyMap<string, Sop>
  readonly channels: ReadonlyMap<string, Channel>
}

export const loadDefinitions = async (): Promise<Definitions> => ({
  profiles: await loadFolder(new URL('../devices/', import.meta.url), ['device', 'simulate']),
  rules: await loadFolder(new URL('./domain/rules/', import.meta.url), ['rule']),
  templates: await loadFolder(new URL('./domain/templates/', import.meta.url), ['template']),
  sops: await loadFolder(new URL('./domain/sops/', import.meta.url), ['sop']),
  channels: await loadFolder(new URL('./notify/', import.meta.url), ['channel', 'notifier', 'post'])
})
