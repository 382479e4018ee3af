import t from 'tap'
import { backOff, isPlain, judge, type Signs } from '../../edge/ingest/vision/health.ts'
import { authorization } from '../../edge/ingest/vision/http-auth.ts'
import { partReader } from '../../edge/ingest/vision/multipart.ts'
import { sniff } from '../../edge/ingest/vision/recording.ts'
import { explain, redact } from '../../edge/ingest/vision/stderr.ts'

t.test('what pictures say about their camera', async t => {
  const now = 100_000
  const live: Signs = {
    opened_at: now - 60_000,
    last_frame_at: now - 100,
    same_since: now - 100,
    plain_since: undefined,
    photograph: false
  }
  for (const [signs, state, reopen] of [
    [{}, 'live', false],
    [{ last_frame_at: now - 4_999 }, 'live', false],
    [{ last_frame_at: now - 5_000 }, 'stalled', false],
    [{ last_frame_at: now - 8_999 }, 'stalled', false],
    [{ last_frame_at: now - 9_000 }, 'stalled', true],
    [{ last_frame_at: undefined, opened_at: now - 8_999 }, 'starting', false],
    [{ last_frame_at: undefined, opened_at: now - 9_000 }, 'dead', false],
    [{ last_frame_at: undefined, opened_at: now - 25_000 }, 'dead', true],
    [{ same_since: now - 9_999 }, 'live', false],
    [{ same_since: now - 10_000 }, 'frozen', false],
    [{ same_since: now - 10_000, photograph: true }, 'live', false],
    [{ same_since: now - 60_000 }, 'frozen', true],
    [{ same_since: now - 90_000, opened_at: now - 12_000 }, 'frozen', false],
    [{ plain_since: now - 2_999 }, 'live', false],
    [{ plain_since: now - 3_000 }, 'covered', false],
    [{ plain_since: now - 90_000, same_since: now - 90_000 }, 'covered', false]
  ] as const)
    t.match(judge({ ...live, ...signs }, now), { state, reopen }, JSON.stringify(signs))
})

t.test('a camera that keeps failing is asked ever more rarely, and never in step with its neighbours', async t => {
  t.strictSame(
    [0, 1, 2, 5, 6, 50].map(n => backOff(n, 0.5)),
    [1000, 2000, 4000, 32_000, 60_000, 60_000]
  )
  t.strictSame([backOff(2, 0), backOff(2, 1)], [3000, 5000])
})

t.test('a covered lens is told from a dark scene', async t => {
  const picture = (light: (i: number) => number) => Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => light(i))
  const size = { width: 64, height: 64 }
  t.ok(
    isPlain(
      picture(() => 0),
      64,
      size
    ),
    'black'
  )
  t.ok(
    isPlain(
      picture(i => 120 + (i % 5)),
      64,
      size
    ),
    'grey with a little noise'
  )
  t.notOk(
    isPlain(
      picture(i => (Math.floor(i / 3 / 64) > 32 ? 25 : 5)),
      64,
      size
    ),
    'a dark hall with a lit floor'
  )
})

t.test('a file is what its first bytes say, whatever its name says', async t => {
  const bytes = (text: string) => Uint8Array.from(text.padEnd(400, '\0'), c => c.charCodeAt(0))
  for (const [text, kind] of [
    ['RIFF\0\0\0\0WEBPVP8X', 'webp'],
    ['RIFF\0\0\0\0AVI LIST', 'video'],
    ['\xff\xd8\xff\xe0', 'photograph'],
    ['\x89PNG\r\n\x1a\n', 'photograph'],
    ['\0\0\0 ftypisom', 'video'],
    ['GIF89a', 'video'],
    ['root:x:0:0:root', undefined],
    ['#EXTM3U', undefined],
    ['ffconcat version 1.0', undefined],
    ['<svg xmlns=', undefined],
    ['', undefined]
  ] as const)
    t.equal(sniff(bytes(text)), kind, text.slice(0, 20))
})

t.test('pictures are cut from MJPEG by length or by boundary, in whatever pieces they come', async t => {
  const stream = (lengths: boolean) =>
    Buffer.from(
      `${['one', 'two two', 'three']
        .map(part => `--frame\r\nContent-Type: image/jpeg\r\n${lengths ? `Content-Length: ${part.length}\r\n` : ''}\r\n${part}\r\n`)
        .join('')}--frame\r\n`
    )
  for (const lengths of [true, false])
    for (const piece of [1, 7, 1000]) {
      const parts: string[] = []
      const read = partReader('multipart/x-mixed-replace; boundary=--frame', 1000, part => parts.push(Buffer.from(part).toString().trim()))
      const all = stream(lengths)
      for (let at = 0; at < all.length; at += piece) t.equal(read(all.subarray(at, at + piece)), undefined)
      t.strictSame(parts, ['one', 'two two', 'three'], `lengths ${lengths}, pieces of ${piece}`)
    }
  const read = partReader('multipart/x-mixed-replace; boundary=frame', 1000, () => t.fail('no part'))
  t.match(read(Buffer.from('--frame\r\nContent-Length: 2000\r\n\r\n')), /more than/)
  t.match(partReader('multipart/x-mixed-replace; boundary=frame', 1000, () => {})(Buffer.alloc(5000, 'x')), /is not/)
})

t.test('the answer to a digest challenge is the one of RFC 7616', async t => {
  const challenge =
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
  const header = authorization(
    challenge,
    { method: 'GET', path: '/dir/index.html', user: 'Mufasa', password: 'Circle of Life' },
    'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ'
  )
  t.match(header, /response="8ca523f5e9506fed4657c9700eebdbec"/)
  t.equal(authorization('Basic realm="cam"', { method: 'GET', path: '/', user: 'a', password: 'b' }), 'Basic YTpi')
  t.equal(authorization('Negotiate', { method: 'GET', path: '/', user: 'a', password: 'b' }), undefined)
})

t.test('FFmpeg is quoted in one sentence, without a secret', async t => {
  t.equal(redact('[rtsp @ 0x1] open rtsp://u:p%40s@10.0.0.5/a failed, p@s', 'p@s'), '[rtsp @ 0x1] open rtsp://10.0.0.5/a failed, ***')
  t.match(explain(['[rtsp @ 0x1] [error] method DESCRIBE failed: 401 Unauthorized']), /refuses the user name or the password/)
  t.match(explain(['[error] x: Connection refused']), /nothing listens/)
  t.match(explain(['[error] something new']), /FFmpeg says: something new/)
  t.match(explain([], 'SIGKILL'), /ended by SIGKILL/)
  t.match(explain([], undefined, 0), /the stream ended/)
})
