import { Point } from '@influxdata/influxdb-client'
import fc from 'fast-check'
import t from 'tap'
import { line, parseLine } from '../../edge/domain/line-protocol.ts'

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(text => [...text].every(c => c >= ' ' && c !== '\\'))

t.test('a line says what the client of InfluxDB would say', async t => {
  fc.assert(
    fc.property(word, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 4e12 }), (device, value, at) => {
      const theirs = new Point('reading').tag('device', device).floatField('value', value).timestamp(at).toLineProtocol()
      t.equal(line('reading', [['device', device]], { value: value === 0 ? 0 : value }, at), theirs)
    })
  )
})

t.test('what was written is read back', async t => {
  fc.assert(
    fc.property(
      word,
      word,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -1e6, max: 4e12 }),
      (zone, device, value, at) => {
        const text = line(
          'reading',
          [
            ['zone', zone],
            ['device', device]
          ],
          { value },
          at
        )
        t.strictSame(parseLine(text ?? ''), {
          measurement: 'reading',
          tags: { zone, device },
          fields: { value: value === 0 ? 0 : value },
          at
        })
      }
    )
  )
})

t.test('a value that is no number is left out, and a line without values is no line', async t => {
  t.equal(line('zone', [['zone', 'p']], { people_count: Number.NaN, density_per_m2: 2 }, 5), 'zone,zone=p density_per_m2=2 5')
  t.equal(line('zone', [['zone', 'p']], { people_count: Number.POSITIVE_INFINITY, level: undefined }, 5), undefined)
})

t.test('an empty tag is left out, and a line break in a name does not begin a new line', async t => {
  t.equal(
    line(
      'reading',
      [
        ['zone', ''],
        ['device', 'a\nb c']
      ],
      { value: 1 },
      5
    ),
    'reading,device=a\\ b\\ c value=1 5'
  )
})
