/** An exercise in real time: a real station as its own process, asked over HTTP alone. */
import t from 'tap'
import { makeBox, signIn } from '../support/box.ts'
import { until } from '../support/until.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came
type Shape = any

t.test('[D15] an exercise at the real station is marked, says Exercise in CAP, and is scored', { timeout: 55_000 }, async t => {
  const box = await makeBox(t.testdir({}), [])
  const station = await box.start()
  t.teardown(() => station.end('SIGKILL'))
  const [commander, patrol] = [await signIn(box.url, 'commander', box.password), await signIn(box.url, 'patrol', box.password)]
  const begun = await commander.post('/api/drills', { scenarios: ['D2'] })
  t.equal(begun.status, 201)
  await until(
    async () => (await commander.get<Shape[]>('/api/incidents?phase=open')).some(({ drill }) => drill),
    'the exercise has opened an incident',
    40_000
  )
  const drill = (await commander.get<Shape[]>('/api/incidents?phase=open')).find(one => one.drill)
  t.equal((await patrol.post(`/api/incidents/${drill.id}/acknowledgement`)).status, 200)
  const cap = await fetch(`${box.url}/api/incidents/${drill.id}/cap.xml`, { headers: { cookie: commander.cookie } })
  t.match(await cap.text(), '<status>Exercise</status>')
  const ended = await fetch(`${box.url}/api/drills/${(begun.body as Shape).id}`, {
    method: 'DELETE',
    headers: { cookie: commander.cookie }
  })
  t.match(await ended.json(), { phase: 'over', why: 'stopped', score: { formula: 1 } })
  t.equal((await commander.get<Shape>(`/api/incidents/${drill.id}`)).outcome, 'exercise')
})
