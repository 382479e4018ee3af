/** The settings that a siren and a sign share. */
import { Type } from 'typebox'

export const payload = (title: string, usual: object) => Type.Record(Type.String(), Type.Unknown(), { title, default: usual })

export const deviceSettings = (usual_s: number) => ({
  device: Type.String({ title: 'Device', minLength: 1, maxLength: 64, examples: ['siren-1'] }),
  topic: Type.Optional(
    Type.String({
      title: 'Topic on which it takes orders; by default devices/<device>/command',
      pattern: '^[^#+$\\u0000-\\u001f][^#+\\u0000-\\u001f]*$',
      maxLength: 256,
      examples: ['zigbee2mqtt/siren-1/set']
    })
  ),
  for_s: Type.Integer({ title: 'Off again after, seconds', default: usual_s, minimum: 1, maximum: 86_400 })
})
