/** The settings that a siren and a sign share. */
import { Type } from 'typebox'

export const payload = (title: string, usual: object) =>
  Type.Record(Type.String(), Type.Unknown(), { title, description: 'sent to it as JSON', examples: [usual] })

export const deviceSettings = (usual_s: number) => ({
  device: Type.String({ title: 'Device', description: 'the id of an enrolled device', minLength: 1, maxLength: 64, examples: ['siren-1'] }),
  topic: Type.Optional(
    Type.String({
      title: 'Topic on which it takes orders',
      description: 'by default devices/<device>/command',
      pattern: '^[^#+$\\u0000-\\u001f][^#+\\u0000-\\u001f]*$',
      maxLength: 256,
      examples: ['zigbee2mqtt/siren-1/set']
    })
  ),
  for_s: Type.Integer({
    title: 'Off again after, seconds',
    description: 'or when nobody needs it any more, whichever comes first',
    default: usual_s,
    minimum: 1,
    maximum: 86_400,
    examples: [usual_s]
  })
})
