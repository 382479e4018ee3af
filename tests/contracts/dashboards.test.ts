import { spawnSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'
import { writerTo } from '../../cloud/metrics.ts'
import { influxSource, metricsSource } from '../../dashboards/board.ts'
import { namesIn, namesInFlux } from '../../dashboards/queries.ts'
import { renderDashboards } from '../../dashboards/render.ts'
import { rules } from '../../dashboards/rules.ts'
import { openFlux } from '../support/flux.ts'
import { linesUntil, minutes } from '../support/half-hour.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'
import { openVictoriaMetrics } from '../support/victoria-metrics.ts'

type Target = { readonly expr?: string; readonly query?: string; readonly legendFormat?: string; readonly instant?: boolean }
type Panel = {
  readonly title: string
  readonly description: string
  readonly datasource: { readonly uid: string }
  readonly repeat?: string
  readonly targets: readonly Target[]
}
type Variable = {
  readonly name: string
  readonly type: string
  readonly label: string
  readonly query: string
  readonly datasource?: { uid: string }
}
type BoardJson = {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly editable: boolean
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
}

const folder = new URL('../../dashboards/', import.meta.url)
const rendered = await renderDashboards()
const boards = [...rendered].flatMap(([file, text]) => (file.endsWith('.json') ? [{ file, board: JSON.parse(text) as BoardJson }] : []))
const onMetrics = boards.filter(({ file }) => !file.startsWith('influxdb/'))
const onInflux = boards.filter(({ file }) => file.startsWith('influxdb/'))
const ofGrafana = new Set(['__interval', '__range', '__rate_interval'])
const read = (file: string): Promise<string> => readFile(new URL(file, folder), 'utf8')

t.test('the files in the tree are what the code renders', async t => {
  for (const [file, text] of rendered) t.equal(await read(file), text, `${file}; if not, run node --import tsx dashboards/render.ts`)
  const inTree = (await readdir(folder, { recursive: true })).filter(file => file.endsWith('.json'))
  t.strictSame(inTree.sort(), boards.map(({ file }) => file).sort(), 'no board without its code')
})

t.test('every query names only what the vocabulary knows', async t => {
  let queries = 0
  for (const { file, board } of onMetrics) {
    const known = new Set([...ofGrafana, ...board.templating.list.map(({ name }) => name)])
    const check = (query: string, where: string): void => {
      queries++
      const { doubts, metrics, variables } = namesIn(query)
      t.strictSame(doubts, [], `${file} ${where}`)
      t.ok(metrics.length > 0, `${where} asks for something`)
      for (const name of variables) t.ok(known.has(name), `${file} ${where}: $${name} is a variable of the board`)
    }
    for (const panel of board.panels)
      for (const { expr = '', legendFormat = '' } of panel.targets) {
        check(expr, panel.title)
        for (const [, tag = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          t.strictSame(namesIn(`sum(${namesIn(expr).metrics[0]}) by (${tag})`).doubts, [], `${panel.title}: legend {{${tag}}}`)
      }
    for (const { name, type, query } of board.templating.list) if (type === 'query') check(query, `variable ${name}`)
  }
  for (const { uid, expr } of rules) t.strictSame(namesIn(expr).doubts, [], uid)
  t.ok(queries > 40, `${queries} queries were read`)
})

t.test('a name that nobody writes is found, wherever it stands', async t => {
  for (const [query, doubt] of [
    ['zone_density', 'zone_density is in no measurement of the vocabulary'],
    ['up{station="a"}', 'up is in no measurement of the vocabulary'],
    ['zone_level{station="a",device="x"}', 'zone_level has no tag device'],
    ['reading_value{quantity=~"people_count|peeple"}', 'quantity is never peeple'],
    ['zone_level{use="plattform"}', 'use is never plattform'],
    ['max(zone_level) by (station, agency)', 'nothing in the query has a tag agency'],
    ['max by (staton) (zone_level)', 'nothing in the query has a tag staton'],
    ['label_map(hub_rss_bytes{station="x"}, "zone", "a", "b")', 'nothing in the query has a tag zone'],
    ['label_values(hub_rss_bytes, zone)', 'nothing in the query has a tag zone'],
    ['summ(zone_level)', 'summ is no function we use'],
    ['{station="a"}', 'a selector without a metric asks for everything'],
    ['sum(zone_level', '1 brackets stay open'],
    ['zone_level)', ') closes nothing'],
    ['zone_level ? 1', 'cannot be read from "? 1"']
  ] as const)
    t.ok(namesIn(query).doubts.includes(doubt), `${query}: ${namesIn(query).doubts.join('; ')}`)
  t.strictSame(namesIn('rate(hub_readings_total{station=~"$station"}[5m]) * 2 > bool 3').doubts, [])
  t.strictSame(namesInFlux('filter(fn: (r) => r._measurement == "zone" and r._field == "values" and r.device == "x")').doubts, [
    'values is no field of zone',
    'nothing in the query has a tag device'
  ])
  t.strictSame(namesInFlux('filter(fn: (r) => r._measurement == "zones")').doubts, ['zones is no measurement of the vocabulary'])
  t.strictSame(namesInFlux('from(bucket: "x")').doubts, ['a query without a measurement asks for everything'])
})

t.test('Flux queries are valid Flux and keep to the vocabulary', async t => {
  const isFlux = await openFlux()
  t.notOk(isFlux('from(bucket: "q") |> rnge(start: -1h)'), 'the checker knows a function that does not exist')
  // What Grafana sets before it sends, and how it spells a variable that stands for several.
  const sent = (query: string): string => {
    const [, head = '', rest = ''] = /^((?:import .*\n)*)([\s\S]*)$/.exec(query.replaceAll(/\$\{\w+:regex\}/g, '(calm|busy)')) ?? []
    return `${head}option v = { defaultBucket: "q", timeRangeStart: -1h, timeRangeStop: now(), windowPeriod: 10s }\n${rest}`
  }
  let queries = 0
  for (const { file, board } of onInflux) {
    const variables = board.templating.list.map(({ query }) => ({ where: 'variable', query }))
    const targets = board.panels.flatMap(({ title, targets }) => targets.map(({ query = '' }) => ({ where: title, query })))
    for (const { where, query } of [...variables, ...targets]) {
      queries++
      t.strictSame(namesInFlux(query).doubts, [], `${file} ${where}`)
      t.ok(isFlux(sent(query)), `${file} ${where}: ${query}`)
    }
  }
  t.ok(queries > 4)
})

t.test('every title and description is in Chinese first and in English', async t => {
  const bilingual = /^[^A-Za-z]*[\u4e00-\u9fff].*[a-z]{2}/s
  for (const { file, board } of boards) {
    t.match(board.title, bilingual, file)
    t.match(board.description, bilingual, file)
    t.equal(board.editable, false, `${file} is read only`)
    for (const panel of board.panels) {
      t.match(panel.title, bilingual, `${file} ${panel.title}`)
      t.match(panel.description, bilingual, `${file} ${panel.title}`)
    }
    for (const { name, label } of board.templating.list) t.match(label, bilingual, `${file} variable ${name}`)
  }
  for (const { title, about, uid } of rules) {
    t.match(`${title['zh-CN']} ${title.en}`, bilingual, uid)
    t.match(`${about['zh-CN']} ${about.en}`, bilingual, uid)
  }
  t.equal(new Set(boards.map(({ board }) => board.uid)).size, boards.length, 'no uid twice')
})

t.test('provisioning files have the shape Grafana reads, know each other, and hold no secret', async t => {
  const files = (await readdir(folder, { recursive: true })).filter(file => file.endsWith('.yaml'))
  for (const file of files) {
    const text = await read(file)
    for (const [, key, value = ''] of text.matchAll(/^\s*(\w*(?:[Tt]oken|[Pp]assword|[Ss]ecret)\w*|url):\s*(\S.*)$/gm))
      t.match(value, /^(\$__file\{\/[\w/.-]+\}|http:\/\/127\.0\.0\.1:\d+)$/, `${file} ${key}`)
    t.notMatch(text, /access_token=|webhook\/send|key=\w/, file)
    if (!file.startsWith('vmalert')) t.equal(parse(text).apiVersion, 1, file)
  }
  const sources = [await read('provisioning/datasources/victoriametrics.yaml'), await read('influxdb/datasource.yaml')].flatMap(
    text => parse(text).datasources as { uid: string; type: string; editable: boolean; secureJsonData: Record<string, string> }[]
  )
  for (const source of sources) {
    t.equal(source.editable, false, source.uid)
    for (const secret of Object.values(source.secureJsonData)) t.match(secret, /^\$__file\{/, source.uid)
  }
  const uids = new Map(sources.map(({ uid, type }) => [uid, type]))
  for (const wanted of [metricsSource, influxSource]) t.equal(uids.get(wanted.uid), wanted.type)
  for (const { file, board } of boards)
    for (const { title, datasource } of board.panels) t.ok(uids.has(datasource.uid), `${file} ${title} asks a source that exists`)

  const [provider] = parse(await read('provisioning/dashboards/qianshao.yaml')).providers
  t.match(provider, { folder: '前哨', type: 'file', allowUiUpdates: false, options: { path: /^\// } })
  const [group] = parse(await read('provisioning/alerting/rules.yaml')).groups
  t.match(group, { folder: provider.folder, interval: '10s' })
  for (const rule of group.rules) {
    t.ok(
      rule.data.some(({ refId }: { refId: string }) => refId === rule.condition),
      `${rule.uid} decides by a query of its own`
    )
    t.notMatch(
      JSON.stringify([rule.title, rule.labels, rule.annotations]),
      /\$/,
      `${rule.uid}: Grafana would replace what follows a dollar`
    )
    t.match(rule.uid, /^[a-z-]{1,40}$/)
  }
  const [contact] = parse(await read('provisioning/alerting/contact-points.yaml')).contactPoints
  t.strictSame(
    contact.receivers.map(({ type }: { type: string }) => type),
    ['dingding', 'wecom']
  )
  const [policy] = parse(await read('provisioning/alerting/policies.yaml')).policies
  for (const { receiver } of [policy, ...policy.routes]) t.equal(receiver, contact.name)
})

t.test('vmalert accepts the alert rules', needs('vmalert'), async t => {
  const check = (file: string) => spawnSync('vmalert', ['-dryRun', `-rule=${file}`], { encoding: 'utf8' })
  const { status, stderr } = check(new URL('vmalert/rules.yaml', folder).pathname)
  t.equal(status, 0, stderr)
  const wrong = t.testdir({ 'rules.yaml': (await read('vmalert/rules.yaml')).replace('deriv(', 'derive((') })
  t.not(check(`${wrong}/rules.yaml`).status, 0, 'it would have noticed')
})

t.test('asked of a real VictoriaMetrics after half an hour of real telemetry', needs('victoria-metrics'), async t => {
  const store = await openVictoriaMetrics(t)
  const end = Math.floor(Date.now() / 10_000) * 10_000
  const lines = linesUntil(end)
  await writerTo({ url: store.url, org: '', bucket: '' })(lines)
  await store.flush()
  await until(
    async () => (await store.ask('count(hub_rss_bytes)', { at: end }))[0]?.values[0]?.[1] === 2,
    'what was written is visible',
    30_000
  )
  const given = (query: string): string =>
    query
      .replaceAll(/\$__(interval|rate_interval)\b/g, '15s')
      .replaceAll(/\$__range\b/g, '30m')
      .replaceAll('$quantity', 'people_count')
      .replaceAll(/\$(station|zone|device|learnt)\b/g, '.*')
  const asked = async (query: string, at = end) =>
    Object.fromEntries(
      (await store.ask(given(query), { at })).map(({ metric, values }) => [Object.values(metric).join(' '), values[0]?.[1]])
    )

  t.test('every query of every board returns data', async t => {
    for (const { file, board } of onMetrics)
      for (const { title, targets } of board.panels)
        for (const { expr = '', instant } of targets) {
          const rows = await store.ask(given(expr), instant ? { at: end } : { at: end, from: end - minutes(30) })
          t.ok(rows.length > 0, `${file} ${title}: ${expr}`)
        }
  })

  t.test('every variable finds its values', async t => {
    for (const { file, board } of onMetrics)
      for (const { name, type, query } of board.templating.list) {
        if (type !== 'query') continue
        const [, selector = '', tag = ''] = /^label_values\((.*), (\w+)\)$/.exec(given(query)) ?? []
        const answer = await fetch(
          `${store.url}/api/v1/label/${tag}/values?${new URLSearchParams({ 'match[]': selector, start: String(end / 1000 - 3600) })}`
        )
        const { data } = (await answer.json()) as { data: string[] }
        t.ok(data.length >= 3, `${file} $${name}: ${data.join(' ')}`)
      }
  })

  t.test('each rule speaks of the station in trouble, and of no other', async t => {
    const inTrouble: Readonly<Record<string, readonly string[]>> = {
      'qianshao-station-silent': ['gone'],
      'qianshao-zone-red': ['busy'],
      'qianshao-zone-unknown': ['busy'],
      'qianshao-unpersisted': ['busy'],
      'qianshao-backlog-growing': ['busy'],
      'qianshao-cameras-not-live': ['busy'],
      'qianshao-quarantined-rising': ['busy']
    }
    for (const { uid, expr } of rules) {
      const found = new Set((await store.ask(expr, { at: end })).map(({ metric }) => metric.station))
      t.strictSame([...found], inTrouble[uid], `${uid}: ${expr}`)
      const before = await store.ask(expr, { at: end - minutes(13) })
      t.strictSame(before, [], `${uid} said nothing while all was well`)
    }
  })

  t.test('an alert that grew worse is open once, under its new severity', async t => {
    const panel = (file: string, title: string): string =>
      onMetrics.find(board => board.file === file)?.board.panels.find(panel => panel.title === title)?.targets[0]?.expr ?? ''
    t.strictSame(await asked(panel('alerts.json', '未关闭预警 open alerts')), { '红色 I级 red I': 1 })
    t.strictSame(await asked(panel('city.json', '未关闭预警 open alerts')), { busy: 1 })
    t.strictSame(await asked(panel('alerts.json', '每小时预警数 alerts per hour')), { busy: 2 })
    t.strictSame(await asked(panel('alerts.json', '最长签收用时 longest time to acknowledge')), { '公安 police': 12, '消防 fire': 40 })
    t.strictSame(await asked(panel('alerts.json', '平均到场用时 mean time to arrive')), { '公安 police': 180 })
  })

  t.test('the limits drawn over a zone are those of its use, and the band is the error that was written', async t => {
    const exprs = onMetrics.find(({ file }) => file === 'station.json')?.board.panels
    const [, low = '', high = ''] = exprs?.find(({ title }) => title.startsWith('人数'))?.targets.map(({ expr = '' }) => expr) ?? []
    const red = exprs?.find(({ title }) => title.startsWith('人群密度'))?.targets.at(-1)?.expr ?? ''
    const at = (query: string, zone: string) =>
      store.ask(given(query.replaceAll('$zone', zone).replaceAll('$station', 'calm')), { at: end })
    t.equal((await at(red, 'stairs'))[0]?.values[0]?.[1], 3)
    t.equal((await at(red, 'viewing'))[0]?.values[0]?.[1], 5)
    t.equal(Math.round((await at(low, 'stairs'))[0]?.values[0]?.[1] ?? 0), 34)
    t.equal(Math.round((await at(high, 'stairs'))[0]?.values[0]?.[1] ?? 0), 46)
  })
})
