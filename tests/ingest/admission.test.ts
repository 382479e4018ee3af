/** The real vision process with more cameras than any machine carries: who is let in, who is told why not, and who stays. */
import t from 'tap'
import { animatedWebp, open } from '../support/cameras.ts'
import { until } from '../support/until.ts'

t.test('the camera that would make everybody late is refused by name, and those before it are counted', async t => {
  const folder = t.testdir()
  await animatedWebp(`${folder}/crowd.webp`)
  const camera = { url: `${folder}/crowd.webp`, zone: 'hall' }
  // 12.5 a second at the least for each, on the largest canvas: one of them may fit a fast machine, eight fit none.
  const greedy = Array.from({ length: 8 }, (_, i) => ({ ...camera, id: `greedy-${i}`, fps: 25 }))
  const small = { ...camera, id: 'small', fps: 2, size_px: [256, 192] as const }
  const { cameras, scenes, said, state, why } = await open([small, ...greedy])
  t.teardown(() => cameras.close())
  const of = (id: string) => cameras.list().find(one => one.id === id)
  const refused = () => cameras.list().filter(one => one.state === 'refused')
  await until(() => refused().length > 0 && scenes.some(scene => scene.camera === 'small'), 'one is counted, one is refused', 30_000)
  await until(() => (of('small')?.fps_given ?? 0) > 0, 'what it is given is told')

  t.equal(state('small'), 'live', 'who stands first in station.yaml is in')
  t.equal(state('greedy-7'), 'refused', 'who stands last is not')
  t.match(
    why('greedy-7'),
    /本机算力不足：每张画面计数需 \d+ 毫秒.*size_px.* · this machine cannot carry it: counting a picture takes \d+ ms/
  )
  t.match(why('greedy-7'), /right would be (fps: [\d.]+ here, )?a smaller size_px, or a lower fps of other cameras/)
  t.match(of('greedy-7'), { fps: 0, fps_wanted: 25, fps_given: 0, scene: undefined })
  t.notOk(
    scenes.some(({ camera }) => refused().some(({ id }) => id === camera)),
    'nobody is counted by a camera that was refused'
  )
  t.ok((of('small')?.fps_given ?? 0) >= 1, `the first has at least half of the 2 fps it asked for: ${of('small')?.fps_given}`)
  const budget = cameras.budget()
  t.ok(budget && budget.ms_per_picture > 0 && budget.budget_cores >= 0.4 && budget.budget_cores <= 0.85, JSON.stringify(budget))
  t.match(await cameras.still('greedy-7'), { failed: /there is no camera|no picture/ })
  t.equal(said.filter(line => line.startsWith('greedy-7 refused')).length, 1, 'being refused is news once')

  const inside = cameras.list().filter(one => one.state === 'live')
  process.kill(-(cameras.pid() ?? 0), 'SIGKILL')
  await until(() => inside.every(({ id }) => of(id)?.state === 'dead'), 'vision has ended')
  await until(() => inside.every(({ id }) => of(id)?.state === 'live') && state('greedy-7') === 'refused', 'the same are back', 30_000)
})

t.test('a zone near a limit is counted more often, and again as before when it is not', async t => {
  const folder = t.testdir()
  await animatedWebp(`${folder}/crowd.webp`)
  const { cameras } = await open([
    { id: 'a', url: `${folder}/crowd.webp`, zone: 'hall', fps: 2, size_px: [256, 192] },
    { id: 'b', url: `${folder}/crowd.webp`, zone: 'stairs', fps: 2, size_px: [256, 192] }
  ])
  t.teardown(() => cameras.close())
  const given = (id: string) => cameras.list().find(one => one.id === id)?.fps_given
  await until(() => given('a') === 2 && given('b') === 2, 'both have what they asked for', 30_000)
  cameras.attend(['b'], 0)
  await until(() => given('b') === 4, 'the zone near a limit has twice as much')
  t.equal(given('a'), 2, 'and nobody has less for it')
  cameras.attend([], 0)
  await until(() => given('b') === 2, 'calm again')
})
