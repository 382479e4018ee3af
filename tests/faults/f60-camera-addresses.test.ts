/** F60: what is given as a camera's address and is none is refused by name, before anything is opened, and again when it is. */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { ffmpegArgs } from '../../edge/ingest/vision/ffmpeg.ts'
import { networkTarget, resolveHost } from '../../edge/ingest/vision/target.ts'
import { checkCameraUrl } from '../../edge/ingest/vision/url.ts'
import { needs } from '../support/needs.ts'

t.test('what a camera may be', async t => {
  for (const [url, kind] of [
    ['rtsp://user@10.0.0.5/stream2', 'rtsp'],
    ['rtsps://cam.station.example:322/a?b=c', 'rtsp'],
    ['http://192.168.1.9/snap.jpg', 'http'],
    ['https://[fd12::7]:8443/mjpeg', 'http'],
    ['http://127.0.0.1:1984/api/frame.jpeg', 'http'],
    ['recordings/platform.webp', 'file'],
    ['/srv/录像/clip.mp4', 'file']
  ] as const)
    t.strictSame(checkCameraUrl(url), { ok: true, kind }, url)
})

t.test('what a camera may not be, each with its reason in two languages', async t => {
  for (const [url, because] of [
    ['', /no address/],
    ['file:///etc/passwd', /file: is not read/],
    ['concat:/etc/passwd', /concat: is not read/],
    ['pipe:0', /pipe: is not read/],
    ['data:image/png;base64,AAAA', /data: is not read/],
    ['async:cache:/etc/passwd', /async: is not read/],
    ['gopher://10.0.0.1/', /gopher: is not read/],
    ['ffconcat version 1.0\nfile /etc/passwd', /control characters/],
    ['|cat /etc/passwd', /"\|"/],
    ['-version', /like an option/],
    ['rtsp:10.0.0.5', /not a whole rtsp/],
    ['rtsp://', /not a whole rtsp/],
    ['rtsp://user:secret@10.0.0.5/a', /password_file/],
    ['http://169.254.169.254/latest/meta-data', /169\.254\.169\.254 is a link-local/],
    ['http://2852039166/latest/meta-data', /169\.254\.169\.254/],
    ['rtsp://0xa9fea9fe/a', /169\.254\.169\.254/],
    ['http://[::ffff:169.254.169.254]/', /never a camera/],
    ['http://[fe80::1]/', /never a camera/],
    ['http://100.100.100.200/', /never a camera/],
    ['http://metadata.google.internal/computeMetadata', /never a camera/],
    ['http://0.0.0.0/', /never a camera/],
    ['rtsp://239.1.2.3/a', /never a camera/],
    ['http://10.0.0.5/live/index.m3u8', /playlists/],
    ['crowd.ffconcat', /playlists/],
    [`http://10.0.0.5/${'a'.repeat(3000)}`, /2048 characters/]
  ] as const) {
    const checked = checkCameraUrl(url)
    if (!('refused' in checked)) throw new Error(`${url} is let through`)
    t.match(checked.refused, because, url.slice(0, 60))
    t.match(checked.refused, /[\u4e00-\u9fff].* · /, 'and Chinese comes first')
    t.notMatch(checked.refused, /secret/)
  }
})

t.test('a name is refused by what it resolves to, not by how it looks', async t => {
  t.match(await resolveHost('169.254.169.254'), { refused: /never a camera/ })
  t.match(await resolveHost('no-such-camera.invalid'), { refused: /no address is known/ })
  t.match(await resolveHost('localhost'), { family: Number })
})

t.test('a quote in an address or a password does not end the file name in the playlist', async t => {
  const target = await networkTarget("rtsp://us'er@127.0.0.1:80/a'b?c=d", "p'a\nss/@:")
  t.equal(target, 'rtsp://us%27er:p%27a%0Ass%2F%40%3A@127.0.0.1:80/a%27b?c=d')
})

t.test('the playlist that carries a password is on standard input, and nothing of it in the arguments', async t => {
  const plan = ffmpegArgs('rtsp', 'rtsp://user:secret@10.0.0.5/a', { width: 64, height: 64 }, { apart_s: 0.2 })
  t.notMatch(plan.args.join(' '), /secret|10\.0\.0\.5/)
  t.match(plan.stdin, /file 'rtsp:\/\/user:secret@10\.0\.0\.5\/a'/)
  t.notMatch(plan.args.join(' '), /fps=/, 'the fps filter would keep each picture for 0.8 s more')
})

t.test('FFmpeg itself refuses a playlist that came as a video file', needs('ffmpeg'), async t => {
  const folder = t.testdir({
    'evil.mp4': "ffconcat version 1.0\nfile '/etc/passwd'\n",
    'evil2.mp4': '#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n'
  })
  for (const name of ['evil.mp4', 'evil2.mp4']) {
    const { args } = ffmpegArgs('file', `${folder}/${name}`, { width: 64, height: 64 }, { apart_s: 0.2 })
    const { status, stdout } = spawnSync('ffmpeg', [...args], { timeout: 10_000 })
    t.not(status, 0, name)
    t.equal(stdout.length, 0, 'not a byte comes out')
  }
})
