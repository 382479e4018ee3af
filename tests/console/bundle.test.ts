import { spawnSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { verifyBundle } from '../../edge/commands/verify-bundle.ts'
import type { Handover, SealedEntry } from '../../edge/console/bundle.ts'
import { type Envelope, openSigner, pae, sha256 } from '../../edge/console/dsse.ts'
import type { Incident } from '../../edge/domain/incident.ts'
import { openTestConsole } from '../support/open-console.ts'

const handed = async (t: Test) => {
  const signing_key_file = `${t.testdir()}/station.key`
  const { desk, as } = await openTestConsole(t, { signing_key_file })
  const incident = desk.raise({ kind: 'crowd', zone: 'platform-1' }, ['police']) as Incident
  desk.command(incident.id, { type: 'acknowledge', unit: 'patrol-1', by: 'wang' })
  desk.command(incident.id, { type: 'note', by: 'wang', text: '半个字 \ud800 与 "引号"' })
  desk.command(incident.id, { type: 'add_task', task: { id: 't-1', text: '开闸', by: 'wang' } })
  const commander = await as('commander')
  const path = `/api/incidents/${incident.id}/bundle`
  const { text, json, headers, status } = await commander('GET', path)
  return { desk, as, commander, incident, path, text, envelope: json as Envelope, headers, status, signing_key_file }
}
const inside = ({ payload }: Envelope): Handover => JSON.parse(Buffer.from(payload, 'base64').toString()) as Handover
const sealedAs = (envelope: Envelope, payload: object): string =>
  JSON.stringify({ ...envelope, payload: Buffer.from(JSON.stringify(payload)).toString('base64') })
const timelineOf = (handover: Handover): SealedEntry[] =>
  JSON.parse(handover.parts.find(({ name }) => name === 'timeline.json')?.text ?? '') as SealedEntry[]

t.test('what is known of an incident is handed over sealed, readable without us, and who took it is on record', async t => {
  const { desk, envelope, incident, headers, status, as } = await handed(t)
  t.equal(status, 200)
  t.match(headers.get('content-disposition'), /demo-hub-.*\.dsse\.json/)
  const handover = inside(envelope)
  t.match(handover, { version: 1, station: { id: 'demo-hub' }, incident: incident.id, made_by: 'commander', drill: false })
  t.strictSame(
    handover.parts.map(({ name }) => name),
    ['cap/1.xml', 'timeline.json', 'summary.zh-CN.txt', 'summary.en.txt']
  )
  const [cap, , zh, en] = handover.parts
  t.match(cap?.text, /<msgType>Alert/)
  t.match(zh?.text, /接报[\s\S]*公安 巡逻一组: 已签收[\s\S]*开闸/)
  t.match(en?.text, /opened[\s\S]*police 巡逻一组: acknowledged[\s\S]*开闸/)
  const types = timelineOf(handover).map(({ type }) => type)
  for (const type of ['alert_raised', 'incident_opened', 'incident_response', 'incident_noted', 'incident_task_added'])
    t.ok(types.includes(type), type)
  t.match(desk.journal.read(0, 99).at(-1)?.event, {
    type: 'bundle_made',
    by: 'commander',
    incident: incident.id,
    sha256: sha256(Buffer.from(envelope.payload, 'base64'))
  })
  const audited = (await (await as('auditor'))('GET', '/api/audit')).json as readonly { type: string }[]
  t.ok(audited.some(({ type }) => type === 'bundle_made'))
})

t.test('a bundle as it was handed over verifies, and an officer alone may not take it', async t => {
  const { text, incident, commander, as, path } = await handed(t)
  const key = (await commander('GET', '/api/station/key')).json as { keyid: string; public_key: string }
  t.match(verifyBundle(text, createPublicKey(key.public_key)), {
    wrong: [],
    own_key: false,
    about: { station: 'demo-hub', incident: incident.id, keyid: key.keyid }
  })
  t.match(verifyBundle(text), { wrong: [], own_key: true })
  t.equal((await (await as('wang'))('GET', path)).status, 403)
  t.equal((await (await as('token-that-writes-001'))('GET', path)).status, 403)
  t.match((await commander('GET', '/api/incidents/x/bundle')).json, { code: 'no_such_incident' })
})

t.test('whatever is changed is named', async t => {
  const { envelope, text } = await handed(t)
  const handover = inside(envelope)
  const signed = /the signature is not that of key/
  const wrongIn = (changed: string) => verifyBundle(changed).wrong
  const withPart = (name: string, change: (text: string) => string, rehash = false): string => {
    const parts = handover.parts.map(part => {
      if (part.name !== name) return part
      const changed = change(part.text)
      return { ...part, text: changed, ...(rehash && { sha256: sha256(changed) }) }
    })
    return sealedAs(envelope, { ...handover, parts })
  }
  const withEntries = (change: (entries: SealedEntry[]) => readonly SealedEntry[]): string =>
    withPart('timeline.json', before => JSON.stringify(change(JSON.parse(before) as SealedEntry[])), true)
  const entries = timelineOf(handover)
  const [first, second] = entries as [SealedEntry, SealedEntry]
  t.equal(second.seq, first.seq + 1, 'two neighbours of the chain are in it')
  const table: readonly [string, string, readonly RegExp[]][] = [
    ['the station’s name', sealedAs(envelope, { ...handover, station: { ...handover.station, id: 'other' } }), [signed]],
    ['a CAP document', withPart('cap/1.xml', xml => xml.replace('Extreme', 'Minor')), [signed, /part cap\/1\.xml does not match its hash/]],
    ['a CAP document and its hash', withPart('cap/1.xml', xml => xml.replace('Extreme', 'Minor'), true), [signed]],
    ['the summary', withPart('summary.en.txt', () => ''), [signed, /part summary\.en\.txt/]],
    [
      'an entry',
      withEntries(all => all.map((one, i) => (i === 1 ? { ...one, body: one.body.replace('patrol', 'nobody') } : one))),
      [signed, new RegExp(`entry ${second.seq} does not match its hash`)]
    ],
    [
      'when an entry happened',
      withEntries(all => all.map((one, i) => (i === 1 ? { ...one, at: one.at + 1 } : one))),
      [signed, /does not match its hash/, /something else inside than outside/]
    ],
    [
      'an entry and its hash, by who knows how',
      withEntries(all => all.map((one, i) => (i === 0 ? { ...one, hash: 'f'.repeat(64) } : one))),
      [signed, /does not match/, /does not continue entry/]
    ],
    ['the order', withEntries(all => all.toReversed()), [signed, /comes after entry/]],
    [
      'the head',
      sealedAs(envelope, { ...handover, journal: { ...handover.journal, head: { seq: 1, hash: '0'.repeat(64) } } }),
      [signed, /beyond the head/]
    ],
    [
      'the timeline, taken out',
      sealedAs(envelope, { ...handover, parts: handover.parts.filter(({ name }) => name !== 'timeline.json') }),
      [signed, /timeline\.json is missing/]
    ],
    ['the type', JSON.stringify({ ...envelope, payloadType: 'application/json' }), [/holds application\/json/, signed]],
    ['the signature', JSON.stringify({ ...envelope, signatures: [{ keyid: 'x', sig: 'AAAA' }] }), [signed]],
    ['no signature', JSON.stringify({ ...envelope, signatures: [] }), [signed]]
  ]
  t.strictSame(wrongIn(text), [])
  for (const [name, changed, sentences] of table) {
    const wrong = wrongIn(changed)
    for (const sentence of sentences)
      t.ok(
        wrong.some(one => sentence.test(one)),
        `${name}: ${wrong.join('; ')}`
      )
  }
  const torn = withPart('timeline.json', () => '[{"seq":1}]', true)
  const nobodys = sealedAs(envelope, { version: 1, parts: [] })
  for (const nonsense of [torn, nobodys, '', '{}', 'null', '[]', '{"payload":"","payloadType":"x","signatures":[]}', text.slice(0, 100)])
    t.ok(wrongIn(nonsense).length > 0, nonsense.slice(0, 20))
})

t.test('a bundle that was sealed anew by somebody else is not the station’s', async t => {
  const { envelope, commander } = await handed(t)
  const thief = openSigner()
  const handover = inside(envelope)
  const again = JSON.stringify(
    thief.seal(envelope.payloadType, Buffer.from(JSON.stringify({ ...handover, station: { ...handover.station, key: thief.key } })))
  )
  t.match(verifyBundle(again), { wrong: [], own_key: true }, 'by its own key it is whole: that is why the key must be known')
  const { public_key } = (await commander('GET', '/api/station/key')).json as { public_key: string }
  t.match(verifyBundle(again, createPublicKey(public_key)).wrong, [/signature is not that of key/])
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
  t.match(verifyBundle(again, rsa).wrong, [/signature is not that of key/])
})

t.test('the key is made once, only the station may read it, and what is no key stops the start', async t => {
  const dir = t.testdir()
  const file = `${dir}/station.key`
  const first = openSigner(file)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.strictSame(openSigner(file).key, first.key)
  t.not(openSigner().key.keyid, first.key.keyid)
  writeFileSync(file, 'not a key')
  t.throws(() => openSigner(file), { message: new RegExp(`${file} is not the station's Ed25519 key`) })
  writeFileSync(file, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }))
  t.throws(() => openSigner(file), /Ed25519/)
  t.match(readFileSync(file, 'utf8'), /PRIVATE KEY/, 'and it is not overwritten')
})

t.test('what is signed is the pre-authentication encoding of DSSE, byte for byte', async t => {
  t.equal(
    pae('http://example.com/HelloWorld', Buffer.from('hello world')).toString(),
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
  )
  t.equal(pae('警', Buffer.from('务')).toString(), 'DSSEv1 3 警 3 务')
})

t.test('qianshao-edge verify --bundle says it in one line, and exits 0, 1 or 2', async t => {
  const { text, commander, envelope } = await handed(t)
  const key = (await commander('GET', '/api/station/key')).text
  const dir = t.testdir({ 'good.json': text, 'bad.json': JSON.stringify({ ...envelope, signatures: [] }), 'key.json': key, 'no.key': 'x' })
  const main = fileURLToPath(new URL('../../edge/main.ts', import.meta.url))
  const verify = (...args: readonly string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', main, 'verify', ...args], { encoding: 'utf8' })
  const good = verify('--bundle', `${dir}/good.json`, '--key', `${dir}/key.json`)
  t.match([good.status, good.stdout, good.stderr], [0, /^移交包完整 the bundle holds: station demo-hub, .*\n$/, ''])
  const bad = verify('--bundle', `${dir}/bad.json`)
  t.match([bad.status, bad.stdout], [1, /wrong: the signature is not that of key/])
  t.match([verify('--bundle', `${dir}/none`).status, verify('--bundle', `${dir}/good.json`, '--key', `${dir}/no.key`).status], [2, 2])
})
