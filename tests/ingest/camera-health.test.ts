import { PassThrough } from 'node:stream'
import t from 'tap'
import { openEye } from '../../edge/ingest/vision/eye.ts'
import { backOff, isPlain, judge, type Signs } from '../../edge/ingest/vision/health.ts'
import { authorization } from '../../edge/ingest/vision/http-auth.ts'
import { openLateness } from '../../edge/ingest/vision/lateness.ts'
import { partReader } from '../../edge/ingest/vision/multipart.ts'
import { sniff } from '../../edge/ingest/vision/recording.ts'
import { explain, redact, stderrTail } from '../../edge/ingest/vision/stderr.ts'
import type { Size } from '../../edge/ingest/vision/view.ts'

t.test('what pictures say about their camera', async t => {
  const now = 100_000
  const live: Signs = {
    opened_at: now - 60_000,
    last_frame_at: now - 100,
    same_since: now - 100,
    plain_since: undefined,
    astray: undefined,
    misfit: undefined,
    late_ms: 0,
    jumped_at: undefined,
    photograph: false
  }
  for (const [signs, state, reopen] of [
    [{}, 'live', false],
    [{ last_frame_at: now - 3_999 }, 'live', false],
    [{ last_frame_at: now - 4_000 }, 'stalled', false],
    [{ last_frame_at: now - 8_999 }, 'stalled', false],
    [{ last_frame_at: now - 9_000 }, 'stalled', true],
    [{ last_frame_at: undefined, opened_at: now - 8_999 }, 'starting', false],
    [{ last_frame_at: undefined, opened_at: now - 9_000 }, 'dead', false],
    [{ last_frame_at: undefined, opened_at: now - 25_000 }, 'dead', true],
    [{ late_ms: 3_999 }, 'live', false],
    [{ late_ms: 4_000 }, 'stalled', true],
    [{ jumped_at: now - 200 }, 'stalled', true],
    [{ same_since: now - 6_999 }, 'live', false],
    [{ same_since: now - 7_000 }, 'frozen', false],
    [{ same_since: now - 10_000, photograph: true }, 'live', false],
    [{ same_since: now - 60_000 }, 'frozen', true],
    [{ same_since: now - 90_000, opened_at: now - 12_000 }, 'frozen', false],
    [{ astray: { what: 'moved', since: now - 3_999 } }, 'live', false],
    [{ astray: { what: 'moved', since: now - 4_000 } }, 'moved', false],
    [{ astray: { what: 'blurred', since: now - 4_000 } }, 'covered', false],
    [{ astray: { what: 'hidden', since: now - 4_000 }, last_frame_at: now - 4_000 }, 'stalled', false],
    [{ misfit: 'another size' }, 'moved', false],
    [{ plain_since: now - 2_999 }, 'live', false],
    [{ plain_since: now - 3_000 }, 'covered', false],
    [{ plain_since: now - 90_000, same_since: now - 90_000 }, 'covered', false]
  ] as const)
    t.match(judge({ ...live, ...signs }, now), { state, reopen }, JSON.stringify(signs))
})

t.test('a picture says how old it is, by the time its camera puts on it', async t => {
  /** Pairs of the time on the picture and when it came, in seconds. */
  const told = (...pictures: readonly (readonly [number, number])[]): readonly [number, boolean] => {
    const lateness = openLateness()
    for (const [shown_s, came_s] of pictures) lateness.came(shown_s, 1e12 + came_s * 1000)
    return [Math.round(lateness.late_ms()), lateness.jumped_at() !== undefined]
  }
  t.strictSame(told([70, 0], [70.5, 0.5], [71, 1]), [0, false], 'in step, whenever the camera began to count')
  t.strictSame(told([0, 0], [1, 2], [2, 4]), [1996, false], 'at half the pace it is ever older')
  t.strictSame(told([0, 0], [0.1, 3], [3, 3.1]), [97, false], 'what was held up and comes in a burst is prompt again')
  t.strictSame(told([60, 0], [61, 1], [5, 2]), [56_999, false], 'a recording that begins again shows what is past')
  t.strictSame(told([0, 0], [1, 1], [9, 2]), [0, true], 'a time that leaps ahead is no live picture either')
  const day = Array.from({ length: 8640 }, (_, n): readonly [number, number] => [n * 10 * (1 - 1e-4), n * 10])
  t.ok(told(...day)[0] < 10, 'a camera whose quartz loses nine seconds a day is not late in the evening')
  t.strictSame(told([0, 0], [Number.NaN, 1], [2, 2]), [0, false], 'no number, no news')
})

t.test('FFmpeg tells the size and the time of each picture', async t => {
  const stderr = new PassThrough()
  const sizes: Size[] = []
  const times: number[] = []
  const tail = stderrTail(
    stderr,
    undefined,
    size => sizes.push(size),
    shown_s => times.push(shown_s)
  )
  const picture = (time: string, size: string): string =>
    `[Parsed_showinfo_0 @ 0x1] [info] n:   1 pts:  20000 pts_time:${time}     pos:    40503 fmt:yuv420p sar:0/1 s:${size} i:P iskey:0 type:B \n`
  stderr.write('[info]   Stream #0:0: Video: h264 (High), yuv420p(progressive), 768x432, 25 tbr\n')
  stderr.write(picture('0.04', '768x432') + picture('0.08', '768x432'))
  stderr.write(picture('0.12', '1280x720'))
  stderr.write('[error] something bad\n')
  t.strictSame(sizes, [
    { width: 768, height: 432 },
    { width: 1280, height: 720 }
  ])
  t.strictSame(times, [0.04, 0.08, 0.12])
  t.strictSame(tail.lines(), ['[error] something bad'], 'and none of it hides what went wrong')
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

/** Looks at pictures, four times a second if nothing is said, and says what the eye makes of each, when that changes. */
const seeing = (pictures: Iterable<Uint8Array>, eye = openEye({ ground: [], masks: [] }), every_ms = 250): string[] => {
  const view = { source: small, content: small, canvas: small }
  eye.lay(view)
  const said: string[] = []
  let n = -1
  for (const rgb of pictures) {
    const at = 1000 + ++n * every_ms
    eye.look(rgb, view, at)
    const { state, why } = judge(
      { opened_at: 0, last_frame_at: at, photograph: false, late_ms: 0, jumped_at: undefined, ...eye.signs() },
      at
    )
    if (state !== said.at(-1)?.split(' ')[1]) said.push(`${(n * every_ms) / 1000} ${state} ${why.split(' · ')[0]}`)
  }
  return said
}
const small: Size = { width: 256, height: 192 }
const pixels = 256 * 192

/** A wall of panels, seen `along` to the right. */
const panels = (along: number, blur: number): Float32Array => {
  const bright = new Float32Array(pixels).fill(90)
  for (let n = 0; n < 400; n++) {
    const [left, top, side] = [((n * 7919) % 600) - along, (n * 104729) % 192, 12 + ((n * 31) % 40)]
    for (let y = top; y < Math.min(192, top + side); y++)
      for (let x = Math.max(0, left); x < Math.min(256, left + side); x++) bright[y * 256 + x] = 40 + ((n * 53) % 120)
  }
  return blur === 0 ? bright : blurred(bright, blur)
}
const walls = new Map<string, Float32Array>()
/** The wall with somebody passing before it, as a sensor sees it: each picture with noise of its own. */
const wall = (n: number, { along = 0, blur = 0, light = 1, noise = 3 } = {}): Uint8Array => {
  const still = walls.get(`${along} ${blur}`) ?? panels(along, blur)
  walls.set(`${along} ${blur}`, still)
  const rgb = new Uint8Array(pixels * 3)
  let dice = n * 2654435 + 1
  for (let i = 0; i < pixels; i++) {
    dice = (dice * 16807) % 2147483647
    const [x, y] = [i % 256, i >> 8]
    const passer = blur === 0 && y >= 120 && y < 180 && (x - n * 5 + 25600) % 256 < 24
    const value = (passer ? 200 : (still[i] ?? 0)) * light + (dice / 1073741824 - 1) * noise
    rgb.fill(Math.max(0, Math.min(255, Math.round(value))), i * 3, i * 3 + 3)
  }
  return rgb
}
const blurred = (from: Float32Array, reach: number): Float32Array =>
  from.map((_, i) => {
    const [x, y] = [i % 256, Math.floor(i / 256)]
    let [sum, n] = [0, 0]
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++)
        if (x + dx >= 0 && x + dx < 256 && y + dy >= 0 && y + dy < 192) {
          sum += from[(y + dy) * 256 + x + dx] ?? 0
          n++
        }
    return sum / n
  })
const then = (n: number, made: (n: number) => Uint8Array): readonly Uint8Array[] => Array.from({ length: n }, (_, i) => made(i + 1000))
const usual = then(60, n => wall(n))

t.test('a camera knows by its landmarks that it was moved, until it looks there again', async t => {
  t.strictSame(seeing([...usual, ...then(30, n => wall(n, { along: 24 })), ...then(8, n => wall(n))]), [
    '0 live 正常',
    '19 moved 画面不是原来的视野',
    '22.5 live 正常'
  ])
  const eye = openEye({ ground: [], masks: [] })
  seeing([...usual, ...then(30, n => wall(n, { along: 24 }))], eye)
  eye.accept()
  t.strictSame(
    seeing(
      then(60, n => wall(n, { along: 24 })),
      eye
    ),
    ['0 live 正常'],
    'unless a person says that it is meant to look there'
  )
})

t.test('a lens out of focus, and one that shows nothing of its view, are covered; dusk and a dim light are not', async t => {
  const soft = wall(1, { blur: 3, noise: 0 })
  const noisy = then(24, n => soft.map((light, i) => light + ((n * 31 + i * 17) % 3) - 1))
  t.match(seeing([...usual, ...noisy]), ['0 live 正常', '19 covered 失焦，或镜头脏污'])
  const cloth = then(24, n => Uint8Array.from({ length: 256 * 192 * 3 }, (_, i) => 30 + ((i / 9216) | 0) + ((n + i) % 2)))
  t.match(seeing([...usual, ...cloth]), ['0 live 正常', /19 covered 原有的轮廓看不见了/])
  t.strictSame(seeing([...usual, ...then(60, n => wall(n, { light: 0.55, noise: 6 }))]), ['0 live 正常'])
})

t.test('a lens that blurs as slowly as dust settles is covered before it is blind; a dusk as slow is not', async t => {
  const minute = 30
  const slowly = function* (minutes: number, of: (share: number) => (i: number) => number): Generator<Uint8Array> {
    for (let n = 0; n < 10 * minute; n++) yield wall(n)
    for (let n = 0; n < minutes * minute; n++) {
      const value = of(n / (minutes * minute))
      yield wall(n, { noise: 2, light: 0 }).map((noise, k) => value(Math.floor(k / 3)) + noise)
    }
  }
  const softer = [0, 1, 2, 3, 4].map(reach => panels(0, reach))
  const dust = slowly(20, share => {
    const reach = Math.floor(share * 4)
    const [before, after] = [softer[reach] ?? [], softer[reach + 1] ?? []]
    return i => (before[i] ?? 0) + (share * 4 - reach) * ((after[i] ?? 0) - (before[i] ?? 0))
  })
  const said = seeing(dust, undefined, 2000)
  t.match(said, ['0 live 正常', /^\d+ covered 失焦，或镜头脏污/])
  t.comment(said)
  const dusk = slowly(10, share => i => (1 - 0.5 * share) * (softer[0]?.[i] ?? 0))
  t.strictSame(seeing(dusk, undefined, 2000), ['0 live 正常'])
})

t.test('a picture that an encoder writes again and again is frozen; a still wall with the noise of its sensor is not', async t => {
  const black = new Uint8Array(256 * 192 * 3)
  const gop = then(4, n => wall(500, { noise: 0 }).map((light, i) => light + ((n + i) % 2)))
  t.match(seeing([...usual, ...Array.from({ length: 40 }, (_, n) => gop[n % 4] ?? black)]), ['0 live 正常', /^22 frozen/])
  const quiet = wall(500, { noise: 0 })
  const still = then(80, n => {
    const noisy = wall(n + 1, { noise: 1 })
    // Nobody passes: only the noise is another one each time.
    return quiet.map((light, i) => light + ((noisy[i] ?? 0) % 2))
  })
  t.strictSame(seeing([...usual, ...still]), ['0 live 正常'])
})

t.test('calibration and masks belong to one size of picture', async t => {
  const views = (order: Parameters<typeof openEye>[0]) => {
    const eye = openEye(order)
    return (['640x480', '320x240'] as const).map(text => {
      const [width, height] = text.split('x').map(Number) as [number, number]
      const source = { width, height }
      eye.lay({ source, content: small, canvas: small })
      return eye.trusts()
    })
  }
  const mask: [number, number][] = [
    [0, 0],
    [9, 0],
    [9, 9]
  ]
  t.strictSame(views({ ground: [], masks: [] }), [true, true], 'nothing is given in pixels')
  t.strictSame(views({ ground: [], masks: [mask] }), [true, false])
  t.strictSame(views({ ground: [{ px: [600, 400], m: [0, 0] }], masks: [] }), [true, false])
  t.strictSame(
    views({ ground: [{ px: [700, 400], m: [0, 0] }], masks: [] }),
    [false, false],
    'a point outside of the picture was not picked on it'
  )
})
