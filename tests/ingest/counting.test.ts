/** Pictures are brought by one thread and counted by others: whatever a model takes, none waits in a pipe for it. */
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { open, testVideo } from '../support/cameras.ts'
import { modelsWith, slow } from '../support/models.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'

for (const threads of [1, 2])
  t.test(`pictures are read while a slow model counts ${threads} at once`, { ...needs('ffmpeg'), timeout: 60_000 }, async t => {
    const models = modelsWith(t, slow(600 / threads))
    const clip = fileURLToPath(new URL('clip.mp4', models))
    // A picture of this size is four times what a pipe holds.
    testVideo(clip, 20, '640x480', 10)
    const { cameras, scenes, said } = await open(
      ['a', 'b'].slice(0, threads).map(id => ({ id, url: clip, zone: 'hall', fps: 2 })),
      { model: 'odd', models, threads }
    )
    t.teardown(() => cameras.close())
    await until(() => cameras.list().every(({ fps }) => fps > 7), 'of ten pictures a second most are read', 20_000)
    const before = scenes.length
    await until(() => scenes.length >= before + 6 * threads, 'and some are counted', 20_000)
    t.equal(new Set(scenes.slice(before).map(({ camera }) => camera)).size, threads, 'of each camera')
    t.ok(
      cameras.list().every(({ state }) => state === 'live'),
      said.join('\n')
    )
  })
