import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Message, OpenChannel, Sent } from '../../edge/notify/channel.ts'
import loudspeaker from '../../edge/notify/loudspeaker.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'
import { means, message } from '../support/vendor.ts'

const never = new AbortController().signal
const node = (script: string, ...more: readonly string[]) => ({ program: process.execPath, arguments: ['-e', script, ...more] })
/** "Speaks" by handing the text on; enough of it to pass for sound. */
const voice = node(
  "process.stdin.on('data', text => process.stdout.write('[' + process.argv.slice(1).join() + '] ' + text + '.'.repeat(200)))",
  '{voice}'
)
/** "Plays" by writing what it hears, and that it is running, to a file. */
const player = (file: string, ms = 0) =>
  node(
    `const fs = require('fs'); const say = text => fs.appendFileSync(${JSON.stringify(file)}, text); say('<');
     let all = ''; process.stdin.on('data', part => (all += part)).on('end', () => setTimeout(() => say(all.replace(/\\.+$|\\n/gm, '') + '>'), ${ms}))`
  )
const open = (settings: object): OpenChannel =>
  loudspeaker.open(Value.Default(loudspeaker.settings, settings) as Static<typeof loudspeaker.settings>, means()) as OpenChannel
const played = (t: Test) => {
  const file = join(t.testdir({ played: '' }), 'played')
  return { file, text: () => readFileSync(file, 'utf8') }
}
const speech = (zh: string, more: Partial<Message> = {}): Message => message({ speech: { 'zh-CN': zh, en: `${zh} en` }, ...more })

/** The loudest sample of a WAV file as espeak-ng writes it: 16 bits, mono, its length not yet known in the header. */
const wav = (sound: Buffer) => {
  const data = sound.indexOf('data') + 8
  const rate = sound.readUInt32LE(24)
  let loudest = 0
  let sum = 0
  for (let i = data; i + 1 < sound.length; i += 2) {
    const sample = Math.abs(sound.readInt16LE(i))
    loudest = Math.max(loudest, sample)
    sum += sample * sample
  }
  const samples = (sound.length - data) / 2
  return { riff: sound.toString('latin1', 0, 4), rate, loudest, rms: Math.sqrt(sum / samples), seconds: samples / rate }
}

t.test('espeak-ng makes Chinese and English sound of a call, that can be said twice in ten seconds', needs('espeak-ng'), async t => {
  const file = join(t.testdir({}), 'sound')
  const recorder = node(`process.stdin.pipe(require('fs').createWriteStream(${JSON.stringify(file)}, { flags: 'a' }))`)
  for (const [language, words] of [
    ['zh-CN', '一号站台，火情，红色，请巡逻一组立即签收'],
    ['en', 'platform 1: fire, red. Patrol 1, please answer']
  ] as const) {
    const opened = open({ languages: [language], times: 1, player: recorder })
    const said = message({ speech: { 'zh-CN': words, en: words } })
    t.strictSame(await opened.send(said, never), { receipt: 'sent' })
    const sound = wav(readFileSync(file))
    t.match(sound, { riff: 'RIFF', rate: 22050 })
    t.ok(sound.loudest > 8000 && sound.rms > 500, `${language} is heard: loudest ${sound.loudest}, rms ${Math.round(sound.rms)}`)
    t.ok(sound.seconds > 1.5 && sound.seconds <= 5, `${language}: ${sound.seconds.toFixed(1)} s`)
    rmSync(file)
  }
})

t.test('the usual voice reads Chinese as Chinese, and no tone as an English number', needs('espeak-ng'), async t => {
  const { voices } = Value.Default(loudspeaker.settings, {}) as Static<typeof loudspeaker.settings>
  const { stdout } = spawnSync('espeak-ng', ['-v', voices['zh-CN'], '-q', '-x', '--stdin'], { input: '一号站台，火情', encoding: 'utf8' })
  t.match(stdout, /ts/)
  t.notMatch(stdout, /\(en\)/)
})

t.test('it is said in Chinese first, then in English, and both again; the words are in no command line', async t => {
  const { file, text } = played(t)
  const opened = open({ voice, player: player(file), languages: ['zh-CN', 'en'] })
  t.strictSame(await opened.send(speech('着火'), never), { receipt: 'sent' })
  t.equal(text(), '<[cmn-latn-pinyin] 着火><[en] 着火 en><[cmn-latn-pinyin] 着火><[en] 着火 en>')
})

t.test('two never speak at once; of those that wait the gravest speaks first, of those the newest', async t => {
  const { file, text } = played(t)
  const opened = open({ voice, player: player(file, 30), times: 1 })
  const say = (zh: string, severity: Message['severity'], at: number): Promise<Sent> => opened.send(speech(zh, { severity, at }), never)
  const all = [say('一', 'blue', 1), say('二', 'orange', 2), say('三', 'red', 3), say('四', 'red', 4), say('五', 'orange', 5)]
  t.strictSame(
    await Promise.all(all),
    all.map(() => ({ receipt: 'sent' }))
  )
  t.equal(text(), '<[cmn-latn-pinyin] 一><[cmn-latn-pinyin] 四><[cmn-latn-pinyin] 三><[cmn-latn-pinyin] 五><[cmn-latn-pinyin] 二>')
})

t.test('a player that hangs is killed with all it has started, and the next call is spoken', async t => {
  const { file, text } = played(t)
  const folder = t.testdir({ pids: '', 'hang.cjs': '', 'parent.cjs': '', well: '' })
  const pids = join(folder, 'pids')
  const note = `require('fs').appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n'); process.on('SIGTERM', () => 0);`
  const hang = 'setInterval(() => 0, 1000)'
  writeFileSync(join(folder, 'hang.cjs'), `${note}${hang}`)
  const start = `require('child_process').spawn(process.execPath, [${JSON.stringify(join(folder, 'hang.cjs'))}], { stdio: 'inherit' });`
  // The first time it hangs, together with a child that holds its pipes; the second time it plays.
  const again = `if (require('fs').readFileSync(${JSON.stringify(pids)}, 'utf8') !== '') { ${player(file).arguments[1]} } else { ${note}${start}${hang} }`
  const opened = open({ voice, times: 1, player: node(again) })
  const ending = new AbortController()
  const first = opened.send(speech('一'), ending.signal)
  const second = opened.send(speech('二'), never)
  const running = (): number[] => readFileSync(pids, 'utf8').split('\n').filter(Boolean).map(Number)
  await until(() => running().length === 2, 'the player and its child run')
  ending.abort()
  t.strictSame(await first, { failed: 'the player failed', retry: true })
  await until(() => running().every(gone), 'both are gone')
  t.strictSame(await second, { receipt: 'sent' })
  t.equal(text(), '<[cmn-latn-pinyin] 二>')
})
/** A killed child of a killed parent stays a zombie until somebody collects it. */
const gone = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return true
  }
}

t.test('who waits too long behind another is told so, and does not speak late', async t => {
  const { file, text } = played(t)
  const opened = open({ voice, player: player(file, 100), times: 1 })
  const ending = new AbortController()
  const first = opened.send(speech('一'), never)
  const second = opened.send(speech('二'), ending.signal)
  ending.abort()
  t.match(await second, { failed: 'the loudspeaker was busy with what is more urgent', retry: true })
  await first
  t.equal(text(), '<[cmn-latn-pinyin] 一>')
})

t.test('what cannot work says why, and what may work later is tried again', async t => {
  const { file } = played(t)
  const nothing = { program: '/nowhere/speak', arguments: [] }
  const said = async (settings: object): Promise<Sent> =>
    open({ times: 1, voice, player: player(file), ...settings }).send(speech('一'), never)
  t.strictSame(await said({ voice: nothing }), { failed: 'the text-to-speech program is not on this machine', retry: false })
  t.strictSame(await said({ player: nothing }), { failed: 'the player is not on this machine', retry: false })
  t.strictSame(await said({ voice: node('process.exit(3)') }), { failed: 'the text-to-speech program failed', retry: true })
  t.strictSame(await said({ player: node('process.exit(1)') }), { failed: 'the player failed', retry: true })
  t.strictSame(await said({ voice: node('') }), { failed: 'the text-to-speech program made no sound', retry: false })
  t.equal(await open({ voice: nothing }).well?.(), 'the text-to-speech program is not on this machine')
  t.equal(await open({ voice, player: nothing }).well?.(), 'the player is not on this machine')
  t.equal(await open({ voice, player: nothing, plays_itself: true }).well?.(), undefined)
})

t.test('a voice that plays by itself needs no player', async t => {
  const { file, text } = played(t)
  t.strictSame(await open({ voice: player(file), plays_itself: true, times: 2 }).send(speech('一'), never), { receipt: 'sent' })
  t.equal(text(), '<一><一>')
})

t.test('nothing of the station’s environment reaches the program', async t => {
  const { file, text } = played(t)
  process.env.QIANSHAO_CANARY = 'c4n4ry'
  t.teardown(() => Reflect.deleteProperty(process.env, 'QIANSHAO_CANARY'))
  await open({
    plays_itself: true,
    times: 1,
    voice: node(`require('fs').writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.env))`)
  }).send(speech('一'), never)
  t.match(text(), /PATH/)
  t.notMatch(text(), /c4n4ry/)
})
