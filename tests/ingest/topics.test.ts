import fc from 'fast-check'
import t from 'tap'
import { covers, matcher, shown, whyBadFilter, whyOddTopic } from '../../edge/ingest/mqtt/topics.ts'

const bounds = { topic_bytes: 512, topic_levels: 12 }

t.test('a filter matches what MQTT 3.1.1 says it matches [MQTT-4.7]', async t => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['a/b', 'a/b', true],
    ['a/b', 'a/bc', false],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'ab', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a/', true],
    ['a/+', 'a', false],
    ['a/+', 'a/b/c', false],
    ['+/b/#', 'a/b', true],
    ['+/b/#', 'a/b/c/d', true],
    ['#', 'anything/at/all', true],
    ['+', 'a/b', false]
  ]
  for (const [filter, topic, yes] of table) t.equal(matcher([filter])(topic), yes, `${filter} ~ ${topic}`)
  t.notOk(matcher([])('a'))
})

t.test('who is allowed a filter hears nothing outside it: covered implies matched', async t => {
  const level = fc.constantFrom('a', 'b', '')
  const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map(levels => levels.join('/'))
  const filter = fc
    .tuple(fc.array(fc.constantFrom('a', 'b', '', '+'), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, rest]) => [...levels, ...(rest ? ['#'] : [])].join('/'))
  fc.assert(
    fc.property(filter, filter, topic, (allowed, asked, said) => {
      if (covers([allowed], asked) && matcher([asked])(said)) return matcher([allowed])(said)
      return true
    }),
    { numRuns: 20_000 }
  )
  t.pass('20,000 triples')
})

t.test('topics go to their edges: exactly the limit, and one more', async t => {
  t.equal(whyOddTopic('x'.repeat(512), bounds), undefined)
  t.match(whyOddTopic('x'.repeat(513), bounds), /longer than 512/)
  t.match(whyOddTopic('温'.repeat(171), bounds), /longer than 512/, 'bytes, not letters')
  t.equal(whyOddTopic(`${'x/'.repeat(11)}x`, bounds), undefined)
  t.match(whyOddTopic(`${'x/'.repeat(12)}x`, bounds), /deeper than 12/)
  t.equal(whyOddTopic('devices/烟感-3/温度 🌡', bounds), undefined)
})

t.test('filters are judged like topics, with wildcards where they belong', async t => {
  for (const good of ['#', '+', 'a/#', '+/+/#', 'a//b']) t.equal(whyBadFilter(good, bounds), undefined, good)
  for (const bad of ['$SYS/#', '$share/g/a', 'a#', '#/a', 'a/b+', '', 'a/\0', `${'x/'.repeat(12)}#`])
    t.type(whyBadFilter(bad, bounds), 'string', bad)
})

t.test('what strangers write is shown short and harmless', async t => {
  t.equal(shown('devices/烟感'), 'devices/烟感')
  t.equal(shown('a\r\nb\u202ec\x1b[31m'), 'a··b·c·[31m')
  t.equal(shown('x'.repeat(70_000)).length, 200)
})
