import { type AddressInfo, createServer, type Server } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import t from 'tap'
import email from '../../edge/notify/email.ts'
import { certificate } from '../support/certificate.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'
import { canary, means, message } from '../support/vendor.ts'

/** A mail server on this machine: STARTTLS with a certificate of its own, one account, and a list of who is refused. */
type Post = { readonly to: readonly string[]; readonly letter: string; readonly secure: boolean; readonly user: unknown }
const password = `${canary}-pass`
const refusal = (responseCode: number): Error => Object.assign(new Error(`${password} no`), { responseCode })

const openMail = async (options: SMTPServerOptions = {}, refused: Readonly<Record<string, number>> = {}) => {
  const got: Post[] = []
  const seen: string[] = []
  const server = new SMTPServer({
    disableReverseLookup: true,
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth: ({ username, password: given }, session, done) => {
      seen.push(`auth ${session.secure ? 'secure' : 'open'}`)
      if (username === 'station' && given === password) done(null, { user: username })
      else done(refusal(535))
    },
    onRcptTo: ({ address }, _, done) => done(refused[address] === undefined ? null : refusal(refused[address])),
    onData: (stream, { envelope, secure, user }, done) => {
      let letter = ''
      stream.setEncoding('utf8').on('data', part => (letter += part))
      stream.on('end', () => {
        got.push({ to: envelope.rcptTo.map(({ address }) => address), letter, secure, user })
        done()
      })
    },
    ...options
  })
  // A client that leaves during the handshake is no fault of the server's.
  server.on('error', () => undefined)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const port = (server.server.address() as AddressInfo).port
  return { port, got, seen, close: () => new Promise<void>(resolve => server.close(() => resolve())) }
}
const calm = (): AbortSignal => AbortSignal.timeout(10_000)
const settings = { host: '127.0.0.1', port: 0, tls: 'starttls', from: '前哨 <station@example.org>' } as const
const account = { user: 'station', password_file: 'pass', ca_file: 'ca' }
const two = { to: [{ name: 'li', email: 'li@example.org' }, { name: 'wang', email: 'wang@example.org' }, { name: 'zhao' }] }

t.test('a letter in both languages goes to each member over STARTTLS, and the password only then', needs('openssl'), async t => {
  const { key, cert } = certificate(t.testdir())
  const mail = await openMail({ key, cert })
  const secret = (file: string): string => (file === 'ca' ? cert : password)
  const open = await email.open({ ...settings, ...account, port: mail.port }, means({ secret }))
  const drill = { drill: true, title: { 'zh-CN': '【演练】火情 <美食街>', en: 'EXERCISE: fire' } }
  t.match(await open.send(message({ ...two, ...drill }), calm()), { receipt: 'sent', note: '2/2' })
  t.strictSame(mail.seen, ['auth secure'])
  const [letter] = mail.got
  t.strictSame([letter?.to, letter?.secure, letter?.user], [['li@example.org', 'wang@example.org'], true, 'station'])
  const text = decoded(letter?.letter ?? '')
  t.match(text, /^message-id: <p-1@hub\.qianshao>/im, 'the same at every try')
  t.match(text, /^x-exercise: true/im)
  t.match(text, /^auto-submitted: auto-generated/im)
  t.match(text, '红色火情 美食街\n烟雾报警 & <报>\n\nfire\nsmoke')
  t.match(text, '<h2>【演练】火情 &lt;美食街&gt;</h2>')
  t.match(text, '<p>烟雾报警 &amp; &lt;报&gt;</p>')
  t.match(text, '<a href="http://station/#i-1">')
  t.match(text, /演练.*EXERCISE/s)

  const wrong = await email.open({ ...settings, ...account, port: mail.port }, means({ secret: file => (file === 'ca' ? cert : 'wrong') }))
  const refused = await wrong.send(message(two), calm())
  t.strictSame(refused, { failed: 'they answered with an error: 535', retry: false })

  const doubting = await email.open({ ...settings, user: 'station', password_file: 'pass', port: mail.port }, means({ secret }))
  const doubt = await doubting.send(message(two), calm())
  t.match(doubt, { failed: /^they were not reached: /, retry: true }, 'a certificate of nobody’s is not trusted')
  t.strictSame(mail.seen, ['auth secure', 'auth secure'], 'and is told no password')
  t.equal(mail.got.length, 1)
  await mail.close()

  const implicit = await openMail({ key, cert, secure: true })
  const tls = await email.open({ ...settings, ...account, tls: 'implicit', port: implicit.port }, means({ secret }))
  t.match(await tls.send(message(two), calm()), { receipt: 'sent' })
  t.equal(implicit.got[0]?.secure, true)
  await implicit.close()
})

t.test('a server that takes STARTTLS away is told nothing', async t => {
  const mail = await openMail({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
  const { ca_file: _, ...plain } = account
  const open = await email.open({ ...settings, ...plain, port: mail.port }, means({ secret: () => password }))
  t.match(await open.send(message(two), calm()), { failed: /they answered with an error: 50\d/, retry: false })
  t.strictSame([mail.seen, mail.got], [[], []])
  await mail.close()
})

t.test('without encryption it opens for this machine alone, and an account is whole or absent', async t => {
  t.throws(() => email.open({ ...settings, host: 'smtp.example', tls: 'none' }, means()), /right would be: tls: starttls/)
  t.throws(() => email.open({ ...settings, user: 'station' }, means()), /right would be: both, or neither/)
})

t.test('what is tried again: a table of SMTP answers', async t => {
  const mail = await openMail({ authOptional: true, disabledCommands: ['STARTTLS'] }, { 'full@example.org': 452, 'none@example.org': 550 })
  const open = await email.open({ ...settings, tls: 'none', port: mail.port }, means())
  const to = (...addresses: readonly string[]) => message({ to: addresses.map(email => ({ name: 'x', email })) })
  t.strictSame(await open.send(to('full@example.org'), calm()), { failed: 'they answered with an error: 452', retry: true })
  const never = await open.send(to('none@example.org'), calm())
  t.strictSame(never, { failed: 'they answered with an error: 550', retry: false }, 'without the server’s words')
  t.match(await open.send(to('none@example.org', 'li@example.org'), calm()), { receipt: 'sent', note: '1/2' })
  t.match(await open.send(message({ to: [{ name: 'x' }] }), calm()), { failed: 'nobody of this unit has an e-mail address', retry: false })
  await mail.close()
  t.match(await open.send(to('li@example.org'), calm()), { failed: /^they were not reached: E/, retry: true })
})

t.test('a mail server that says nothing ends with the signal, and its line is closed', async t => {
  let closed = 0
  const silent: Server = createServer(socket => {
    socket.on('close', () => closed++)
    socket.on('error', () => undefined)
    socket.resume()
  })
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', () => resolve()))
  const { port } = silent.address() as AddressInfo
  const open = await email.open({ ...settings, port }, means())
  const begun = performance.now()
  t.match(await open.send(message(two), AbortSignal.timeout(100)), { failed: 'no answer in time', retry: true })
  t.match(await open.send(message(two), AbortSignal.abort()), { failed: 'no answer in time', retry: true })
  t.ok(performance.now() - begun < 2_000)
  await until(() => closed === 1, 'the one line that was opened is closed')
  await new Promise<void>(resolve => silent.close(() => resolve()))
  t.equal(closed, 1)
})

/** Headers in RFC 2047, parts in base64 or quoted-printable, as a reader of mail shows them. */
const decoded = (letter: string): string => {
  const unfolded = letter.replaceAll('\r\n', '\n').replaceAll(/\n[ \t]+/g, ' ')
  const words = unfolded
    .replaceAll(/\?= =\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([BQ])\?(.*?)\?=/gi, (_, how: string, text: string) =>
      how.toUpperCase() === 'B' ? Buffer.from(text, 'base64').toString() : quoted(text.replaceAll('_', ' '))
    )
  return words.replaceAll(
    /(content-transfer-encoding: (\S+)\n(?:.+\n)*\n)([\s\S]*?)(?=\n--)/gi,
    (_, head: string, how: string, body: string) => (how === 'base64' ? head + Buffer.from(body, 'base64').toString() : head + quoted(body))
  )
}
const quoted = (text: string): string =>
  Buffer.from(
    text.replaceAll('=\n', '').replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1'
  ).toString()
