/**
 * The hand-over: all that the station knows of one incident, sealed, for 110 or a city platform. Each part carries its hash, each
 * journal entry the hash that chains it, so that `qianshao-edge verify --bundle` can say what was changed, and where.
 */

import { Type } from 'typebox'
import { capXml } from '../domain/cap.ts'
import { asWritten } from '../domain/clock-step.ts'
import type { Incident } from '../domain/incident.ts'
import { locales } from '../domain/vocabulary.ts'
import type { Desk, Entry } from '../ports.ts'
import type { CapOut } from './cap.ts'
import { openSigner, type PublicKey, type Signer, sha256 } from './dsse.ts'
import { summaryOf } from './handover-summary.ts'
import { entriesAbout } from './journal.ts'
import { timesOf } from './language.ts'
import { refuse } from './problems.ts'
import { type App, afterKept, type Room, whoOf } from './room.ts'
import * as Shapes from './shapes.ts'

export const handover_type = 'application/vnd.qianshao.handover+json'

export type Part = { readonly name: string; readonly media_type: string; readonly sha256: string; readonly text: string }
/** One entry as it was hashed: SHA-256 over the 32 bytes of `previous` and the JSON of [seq, at, lane, type, subject, body]. */
export type SealedEntry = {
  readonly seq: number
  readonly at: number
  readonly lane: string
  readonly type: string
  readonly subject: string
  readonly body: string
  readonly previous: string
  readonly hash: string
}
export type Handover = {
  readonly version: 1
  readonly station: { readonly id: string; readonly name: string; readonly key: PublicKey }
  readonly incident: string
  readonly drill: boolean
  readonly made_at: string
  readonly made_by: string
  readonly journal: { readonly id: string; readonly head: { readonly seq: number; readonly hash: string } | null }
  readonly parts: readonly Part[]
}

export const makeHandover = async (desk: Desk, incident: Incident, cap: CapOut, by: string, key: PublicKey): Promise<Handover> => {
  const time = timesOf(desk.station.timezone)
  const about = new Set([incident.id, ...(incident.merged ?? []), ...incident.alerts])
  const raised = desk.alerts().flatMap(({ id, raised_at }) => (about.has(id) ? [raised_at] : []))
  const written = asWritten(desk.steps(), Math.min(incident.opened_at, ...raised), incident.closed_at)
  const entries = await entriesAbout(
    desk.journal,
    written.from,
    written.to,
    event => about.has(event.id) || ('incident' in event && event.incident === incident.id)
  )
  const messages = await cap.messages(incident)
  // After the entries: the chain that the head closes holds all of them.
  const seq = desk.journal.keptUpto()
  const head = desk.journal.proof(seq)
  return {
    version: 1,
    station: { id: desk.station.id, name: desk.station.name, key },
    incident: incident.id,
    drill: incident.drill,
    made_at: time(desk.clock.now()),
    made_by: by,
    journal: { id: desk.journal.id, head: head === undefined ? null : { seq, hash: head.hash } },
    parts: [
      ...messages.map((alert, i) => part(`cap/${i + 1}.xml`, 'application/cap+xml', capXml(alert))),
      part('timeline.json', 'application/json', JSON.stringify(entries.flatMap(entry => sealed(desk, entry)))),
      ...locales.map(locale => part(`summary.${locale}.txt`, 'text/plain', summaryOf(desk, incident, locale)))
    ]
  }
}

const part = (name: string, media_type: string, text: string): Part => ({ name, media_type, sha256: sha256(text), text })

const sealed = (desk: Desk, { seq, lane, event }: Entry): readonly SealedEntry[] => {
  const proof = desk.journal.proof(seq)
  if (proof === undefined) throw new Error(`entry ${seq} was read and has no proof`)
  const subject = Buffer.from(event.id).toString()
  return [{ seq, at: event.at, lane, type: event.type, subject, body: JSON.stringify(event), ...proof }]
}

const Id = Type.Object({ id: Type.String({ maxLength: 128 }) })
const Key = Type.Object({
  keyid: Type.String({ description: 'SHA-256 of the key, hex' }),
  public_key: Type.String({ description: 'Ed25519, SPKI PEM' })
})
const Sealed = Type.Object({
  payloadType: Type.String(),
  payload: Type.String(),
  signatures: Type.Array(Type.Object({ keyid: Type.String(), sig: Type.String() }))
})

export const serveBundle = (app: App, { desk }: Room, cap: CapOut, signing_key_file: string | undefined): void => {
  const signer: Signer = openSigner(signing_key_file)

  app.get(
    '/api/station/key',
    {
      schema: {
        summary: 'The key that this station signs with; its secret half never leaves the station',
        tags: ['station'],
        response: { 200: Key }
      }
    },
    async () => signer.key
  )

  app.get(
    '/api/incidents/:id/bundle',
    {
      schema: {
        summary: 'Everything about an incident, sealed for hand-over (DSSE); who asked for it is on record',
        tags: ['incidents'],
        params: Id,
        response: { 200: Sealed, 404: Shapes.Problem }
      }
    },
    async (request, reply) => {
      const incident = desk.incidents().find(({ id }) => id === request.params.id)
      if (incident === undefined) return refuse(request, reply, 'no_such_incident')
      const by = whoOf(request).name
      const payload = Buffer.from(JSON.stringify(await makeHandover(desk, incident, cap, by, signer.key)))
      const hash = sha256(payload)
      const kept = desk.note({
        type: 'bundle_made',
        id: `bundle-${hash.slice(0, 12)}`,
        at: desk.clock.now(),
        incident: incident.id,
        by,
        sha256: hash
      })
      reply.header('content-disposition', `attachment; filename="${desk.station.id}-${incident.id}.dsse.json"`)
      return afterKept(kept, request, reply, signer.seal(handover_type, payload))
    }
  )
}
