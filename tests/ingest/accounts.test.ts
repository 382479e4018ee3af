import { chmodSync, existsSync, readFileSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { type Accounts, type AccountsOptions, openAccounts } from '../../edge/ingest/accounts.ts'

const cheap = { device: 2, user: 2 }

const opened = async (options: AccountsOptions): Promise<Accounts> => {
  const accounts = await openAccounts(options)
  if ('failed' in accounts) throw new Error(accounts.failed)
  return accounts
}
const failure = async (options: AccountsOptions): Promise<string> => {
  const accounts = await openAccounts(options)
  return 'failed' in accounts ? accounts.failed : 'it opened'
}
const password = (answer: { readonly password: string } | { readonly failed: string }): string =>
  'password' in answer ? answer.password : `failed: ${answer.failed}`

const folder = (t: Test, secrets: Readonly<Record<string, string>> = {}) => {
  const dir = t.testdir(secrets)
  for (const name of Object.keys(secrets)) chmodSync(`${dir}/${name}`, 0o600)
  const nobody: AccountsOptions = { file: `${dir}/accounts.json`, devices: [], machines: [], users: [], cost: cheap }
  return { dir, nobody, path: (name: string) => `${dir}/${name}` }
}

t.test('a secret in a file named by station.yaml lets in its owner, nobody else', async t => {
  const { nobody, path } = folder(t, { smoke: 'smoke-secret\n', commander: 'correct horse battery', grafana: 'a-long-machine-token\r\n' })
  const accounts = await opened({
    ...nobody,
    devices: [{ id: 'smoke-b3', password_file: path('smoke') }, { id: 'behind-a-bridge' }],
    users: [{ name: 'commander', password_file: path('commander') }],
    machines: [{ name: 'grafana', token_file: path('grafana'), scopes: ['read'] }]
  })
  t.equal(await accounts.checkDevice('smoke-b3', 'smoke-secret'), true)
  t.equal(await accounts.checkDevice('smoke-b3', 'smoke-secret\n'), false)
  t.equal(await accounts.checkDevice('smoke-b3', ''), false)
  t.equal(await accounts.checkDevice('smoke-b3', 'x'.repeat(100_000)), false)
  t.equal(await accounts.checkDevice('other', 'smoke-secret'), false)
  t.equal(await accounts.checkDevice('behind-a-bridge', ''), false)
  t.equal(await accounts.checkDevice('commander', 'correct horse battery'), false, 'a person’s password opens no device')
  t.equal(await accounts.checkUser('commander', 'correct horse battery'), true)
  t.equal(await accounts.checkUser('smoke-b3', 'smoke-secret'), false)
  t.strictSame(accounts.checkToken('a-long-machine-token'), { name: 'grafana', scopes: ['read'] })
  t.equal(accounts.checkToken('a-long-machine-tokem'), undefined)
  t.equal(accounts.checkToken(''), undefined)
  t.strictSame(accounts.warnings, [])
  t.notOk(existsSync(nobody.file), 'nothing is written for them')
})

t.test('a bad secret file stops the start with one sentence that names the file, not what is in it', async t => {
  const { nobody, path } = folder(t, {
    empty: '\n',
    short: 'seven77',
    lines: 'first-line\nsecond-line\n',
    elf: 'only-eleven',
    long: 'x'.repeat(2000)
  })
  const device = (file: string) => failure({ ...nobody, devices: [{ id: 'd', password_file: path(file) }] })
  t.match(await device('missing'), /device d cannot be read from .*missing: ENOENT/)
  t.match(await device('empty'), /empty is empty/)
  t.match(await device('short'), /short is shorter than 8 characters/)
  t.notMatch(await device('short'), /seven77/)
  t.match(await device('lines'), /more than one line/)
  t.match(await device('long'), /longer than 1024 bytes/)
  t.match(await device('.'), /not a file/)
  t.match(await failure({ ...nobody, users: [{ name: 'u', password_file: path('elf') }] }), /user u .* shorter than 12/)
  t.match(await failure({ ...nobody, machines: [{ name: 'm', token_file: path('elf'), scopes: [] }] }), /machine m .* shorter than 16/)
})

t.test('a secret that others may read is told of', async t => {
  const { nobody, path } = folder(t, { smoke: 'smoke-secret' })
  chmodSync(path('smoke'), 0o640)
  const { warnings } = await opened({ ...nobody, devices: [{ id: 'smoke-b3', password_file: path('smoke') }] })
  t.match(warnings, [/others may read .*smoke, .*chmod 600/])
  t.notMatch(warnings, /smoke-secret/)
})

t.test('an enrolled device is told its password once and is known after a restart, until it is removed', async t => {
  const { nobody } = folder(t)
  const first = await opened(nobody)
  const secret = password(await first.enrolDevice('door-1'))
  t.match(secret, /^[0-9a-f]{48}$/, '24 random bytes')
  t.equal(await first.checkDevice('door-1', secret), true)
  const text = readFileSync(nobody.file, 'utf8')
  t.notOk(
    text.includes(secret) ||
      text.includes(Buffer.from(secret).toString('base64')) ||
      text.includes(Buffer.from(secret, 'base64url').toString('base64')),
    'not on disk'
  )
  t.equal(statSync(nobody.file).mode & 0o777, 0o600)

  const second = await opened(nobody)
  t.strictSame(second.enrolled(), ['door-1'])
  t.equal(await second.checkDevice('door-1', secret), true)
  t.equal(await second.checkDevice('door-1', `${secret}x`), false)
  t.strictSame(await second.removeDevice('door-1'), { removed: true })
  t.strictSame(await second.removeDevice('door-1'), { removed: false })
  t.equal(await second.checkDevice('door-1', secret), false, 'at once, though it was remembered')
  t.equal(await (await opened(nobody)).checkDevice('door-1', secret), false)
})

t.test('enrolling again replaces the password', async t => {
  const { nobody } = folder(t)
  const accounts = await opened(nobody)
  const old = password(await accounts.enrolDevice('door-1'))
  t.equal(await accounts.checkDevice('door-1', old), true)
  const fresh = password(await accounts.enrolDevice('door-1'))
  t.equal(await accounts.checkDevice('door-1', old), false)
  t.equal(await accounts.checkDevice('door-1', fresh), true)
})

t.test('a hundred devices enrolled at once are all kept', async t => {
  const { nobody } = folder(t)
  const accounts = await opened(nobody)
  const ids = Array.from({ length: 100 }, (_, i) => `d-${i}`)
  const secrets = await Promise.all(ids.map(id => accounts.enrolDevice(id)))
  const again = await opened(nobody)
  t.equal(again.enrolled().length, 100)
  t.equal(await again.checkDevice('d-99', password(secrets[99] ?? { failed: 'none' })), true)
})

t.test('what another process enrols or removes is known at once, and no change undoes the other’s', async t => {
  const { nobody } = folder(t)
  const station = await opened(nobody)
  const one = password(await station.enrolDevice('door-1'))
  const command = await opened(nobody)
  const two = password(await command.enrolDevice('door-2'))
  t.equal(await station.checkDevice('door-2', two), true)
  const three = password(await station.enrolDevice('door-3'))
  t.equal(await station.checkDevice('door-1', one), true)
  await command.removeDevice('door-1')
  t.equal(await station.checkDevice('door-1', one), false, 'though its password was remembered')
  t.strictSame((await opened(nobody)).enrolled(), ['door-2', 'door-3'])
  writeFileSync(nobody.file, 'half')
  writeFileSync(`${nobody.file}.copy`, 'half')
  t.equal(await station.checkDevice('door-3', three), true, 'a broken file leaves the last good in force')
})

t.test('a name that could reach into objects is only a name', async t => {
  const { nobody } = folder(t)
  const accounts = await opened(nobody)
  const secret = password(await accounts.enrolDevice('__proto__'))
  t.equal(await (await opened(nobody)).checkDevice('__proto__', secret), true)
  t.equal(await accounts.checkDevice('constructor', secret), false)
})

t.test('an added user signs in with a password that is long enough', async t => {
  const { nobody } = folder(t)
  const accounts = await opened(nobody)
  t.match(await accounts.addUser('liu', 'elevenchars'), { failed: /shorter than 12/ })
  t.strictSame(await accounts.addUser('liu', '十二个汉字组成的口令很好'), { added: true })
  t.equal(await (await opened(nobody)).checkUser('liu', '十二个汉字组成的口令很好'), true)
  t.equal(await accounts.checkUser('liu', 'elevenchars'), false)
  t.strictSame(accounts.users(), ['liu'])
  t.strictSame(await accounts.removeUser('liu'), { removed: true })
  t.equal(await accounts.checkUser('liu', '十二个汉字组成的口令很好'), false)
})

t.test('a file cut off at any byte leaves its copy to go by [F16]', async t => {
  const { nobody } = folder(t)
  const before = await opened(nobody)
  const secret = password(await before.enrolDevice('door-1'))
  const whole = readFileSync(nobody.file)
  for (let bytes = 0; bytes < whole.length - 1; bytes++) {
    truncateSync(nobody.file, bytes)
    const accounts = await opened(nobody)
    if (!accounts.hasDevice('door-1') || accounts.warnings.length !== 1) t.fail(`cut off at ${bytes}`)
    writeFileSync(nobody.file, whole)
  }
  unlinkSync(nobody.file)
  const last = await opened(nobody)
  t.match(last.warnings, [/is missing; its copy is used/])
  t.equal(await last.checkDevice('door-1', secret), true)
  await last.enrolDevice('door-2')
  t.strictSame((await opened(nobody)).warnings, [], 'the next change makes both whole again')
})

t.test('two broken copies stop the start rather than let anyone in', async t => {
  const { nobody } = folder(t)
  await (await opened(nobody)).enrolDevice('door-1')
  for (const file of [nobody.file, `${nobody.file}.copy`]) writeFileSync(file, readFileSync(file, 'utf8').replace('door-1', 'door-9'))
  t.match(await failure(nobody), /both unusable .*checksum.*backup/)
})

t.test('a change that does not reach the disk is refused and not believed', async t => {
  const { nobody, dir } = folder(t)
  const accounts = await opened({ ...nobody, file: `${dir}/no-such-folder/accounts.json` })
  t.match(await accounts.enrolDevice('door-1'), { failed: /cannot be written: ENOENT/ })
  t.equal(accounts.hasDevice('door-1'), false)
})

t.test('a refusal costs the same for a name that exists and one that does not', async t => {
  const { nobody, path } = folder(t, { named: 'a-password-by-file' })
  const accounts = await opened({ ...nobody, users: [{ name: 'named', password_file: path('named') }], cost: { device: 2, user: 2 ** 14 } })
  await accounts.addUser('stored', 'a-password-stored')
  const fastest = async (name: string): Promise<number> => {
    let best = Number.POSITIVE_INFINITY
    for (let i = 0; i < 5; i++) {
      const start = performance.now()
      await accounts.checkUser(name, 'a-wrong-password')
      best = Math.min(best, performance.now() - start)
    }
    return best
  }
  const [named, stored, unknown] = [await fastest('named'), await fastest('stored'), await fastest('unknown')]
  for (const ms of [named, stored]) t.ok(ms > unknown / 3 && ms < unknown * 3, `${ms.toFixed(1)} ms against ${unknown.toFixed(1)} ms`)
})

t.test('a password once verified is cheap the next time, so a hub full of devices reconnects quickly', async t => {
  const { nobody } = folder(t)
  const accounts = await opened({ ...nobody, cost: { device: 2 ** 14, user: 2 } })
  const secret = password(await accounts.enrolDevice('door-1'))
  await accounts.checkDevice('door-1', secret)
  const start = performance.now()
  for (let i = 0; i < 200; i++) await accounts.checkDevice('door-1', secret)
  t.ok(performance.now() - start < 200, 'less than 1 ms each, where scrypt takes tens')
})

t.test('a flood of sign-ins is turned away at the end of the queue while a device still gets in', async t => {
  const { nobody } = folder(t)
  const accounts = await opened({ ...nobody, cost: { device: 2, user: 2 ** 14 } })
  const secret = password(await accounts.enrolDevice('door-1'))
  let answered = 0
  const flood = Array.from({ length: 200 }, (_, i) => accounts.checkUser(`guess-${i}`, 'a-wrong-password').finally(() => answered++))
  t.equal(await accounts.checkDevice('door-1', secret), true)
  t.ok(answered < 200, 'before the flood was through')
  t.strictSame(new Set(await Promise.all(flood)), new Set([false]))
  t.equal(accounts.counters().credential_checks_turned_away_total, 200 - 17)
})
