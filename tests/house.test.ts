import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'

/** The map of the house: each room, and whom it may look at. First match wins; docs/ARCHITECTURE.md draws it. */
const rooms: readonly { room: RegExp; mayUse: RegExp; because: string }[] = [
  { room: /^edge\/domain\//, mayUse: /^edge\/domain\//, because: 'the domain is pure: time, people and readings come in as arguments' },
  {
    room: /^devices\//,
    mayUse: /^(devices|edge\/domain)\/|^edge\/(clock|ports)\.ts$|^npm:(typebox(\/.*)?|mqtt|cborg|sparkplug-payload(\/.*)?)$/,
    because: 'a device profile only translates; the simulator speaks MQTT'
  },
  {
    room: /^models\//,
    mayUse: /^(models|edge\/domain|edge\/ingest\/vision)\/|^npm:/,
    because: 'a model says how pictures become counts, or how odd a series is, and is judged by the pipeline it runs in'
  },
  { room: /^edge\/settings\.ts$/, mayUse: /^npm:/, because: 'both stations and clouds read their settings by it' },
  {
    room: /^cloud\//,
    mayUse: /^(cloud|edge\/domain|edge\/console\/screen\/kit)\/|^edge\/(settings|clock|load)\.ts$|^npm:/,
    because: 'the cloud shares the station’s words, never its wiring'
  },
  {
    room: /^dashboards\//,
    mayUse: /^(dashboards|edge\/domain)\/|^edge\/load\.ts$|^npm:/,
    because: 'a board knows the words of the time series and nothing of who writes them'
  },
  {
    room: /^edge\/console\/screen\//,
    mayUse: /^edge\/(console\/screen|domain)\/|^npm:/,
    because: 'a screen knows words and the API'
  },
  {
    room: /^edge\/(ingest|console|notify|journal|uplink)\//,
    mayUse: /^edge\/domain\/|^edge\/(ports|clock|load|thread)\.ts$|^(devices|models)\/|^npm:/,
    because: 'the parts at the rim meet in station.ts alone'
  },
  {
    room: /^edge\/(commands\/|demo\/|[^/]+\.ts$)/,
    mayUse: /^(edge|devices|models)\/|^npm:/,
    because: 'the rim may use everything but the cloud'
  }
]

const sources = ['edge', 'devices', 'cloud', 'models', 'dashboards']
  .flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(file => join(folder, file)))
  .filter(file => /\.(ts|vue)$/.test(file) && !file.includes('node_modules'))

const imports = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:^\s*(?:import|export)[^'"]*?from|\bimport\(|^\s*import)\s*['"]([^'"]+)['"]/gm)].map(
    ([, target = '']) => (target.startsWith('.') ? relative('.', resolve(dirname(file), target)) : `npm:${target}`)
  )

const folderOf = (file: string): string => file.split('/').slice(0, 2).join('/')

t.test('every file looks only at the rooms it may look at', async t => {
  for (const file of sources) {
    const rule = rooms.find(({ room }) => room.test(file))
    for (const used of imports(file)) {
      const own = /^edge\/(ingest|console|notify|journal|uplink)\//.test(file) && folderOf(used) === folderOf(file)
      if (!own && !rule?.mayUse.test(used)) t.fail(`${file} looks at ${used}, but ${rule?.because}`)
    }
  }
  t.ok(sources.length > 30, 'the whole house was walked')
})

t.test('only two files know what a picture is', async t => {
  const knowing = sources.filter(file => imports(file).some(used => used === 'edge/ingest/vision/frame.ts'))
  t.equal(knowing.length, 2, knowing.join(', '))
  for (const file of knowing) t.match(file, /^edge\/ingest\/vision\//)
})

t.test('what must never exist has no word: no face, plate, identity or track of a person in any name of the house', async t => {
  const forbidden = /\b(face|plate|licen[cs]e_?plate|re_?id|embedding|gait|identity)(_?(id|recognition|match|vector|name))?\s*[:=(]/i
  for (const file of sources) {
    readFileSync(file, 'utf8')
      .split('\n')
      .forEach((text, i) => {
        if (forbidden.test(text) && !/^\s*(\*|\/\/|\/\*)/.test(text)) t.fail(`${file}:${i + 1}: ${text.trim()}`)
      })
  }
})

t.test('nothing runs a shell', async t => {
  for (const file of sources)
    t.notMatch(readFileSync(file, 'utf8'), /shell:\s*true|\bexecSync?\(|from 'node:child_process'.*\bexec\b/, file)
})
