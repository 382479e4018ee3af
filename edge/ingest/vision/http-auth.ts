/** The answer to a camera's challenge. Most snapshot cameras ask for Digest (RFC 7616), where the password itself does not travel. */
import { createHash, randomBytes } from 'node:crypto'

type Ask = { readonly method: string; readonly path: string; readonly user: string; readonly password: string }

export const authorization = (challenge: string | undefined, ask: Ask, cnonce = randomBytes(8).toString('hex')): string | undefined => {
  if (challenge === undefined) return undefined
  const digest = /Digest\s+(.*)$/i.exec(challenge)?.[1]
  if (digest !== undefined) return answerDigest(fieldsOf(digest), ask, cnonce)
  if (/Basic/i.test(challenge)) return `Basic ${Buffer.from(`${ask.user}:${ask.password}`).toString('base64')}`
  return undefined
}

const fieldsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? ''])
  )

const answerDigest = (fields: ReadonlyMap<string, string>, { method, path, user, password }: Ask, cnonce: string): string | undefined => {
  const algorithm = fields.get('algorithm') ?? 'MD5'
  const name = { MD5: 'md5', 'SHA-256': 'sha256' }[algorithm.toUpperCase()]
  if (name === undefined) return undefined
  const hash = (text: string): string => createHash(name).update(text).digest('hex')
  const [realm, nonce] = [fields.get('realm') ?? '', fields.get('nonce') ?? '']
  const auth =
    fields
      .get('qop')
      ?.split(',')
      .some(qop => qop.trim() === 'auth') === true
  const [mine, theirs] = [hash(`${user}:${realm}:${password}`), hash(`${method}:${path}`)]
  const response = auth ? hash(`${mine}:${nonce}:00000001:${cnonce}:auth:${theirs}`) : hash(`${mine}:${nonce}:${theirs}`)
  const opaque = fields.get('opaque')
  return [
    `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${path}", response="${response}", algorithm=${algorithm}`,
    ...(auth ? [`qop=auth, nc=00000001, cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`])
  ].join(', ')
}
