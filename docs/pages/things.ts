/** What is added by adding a file: device profiles, rules, templates, procedures and models, told by their own examples. */
import { readdir } from 'node:fs/promises'
import type { DeviceProfile } from '../../devices/device.ts'
import { halfWidth } from '../../edge/domain/count-calibration.ts'
import type { Ladder } from '../../edge/domain/incident.ts'
import type { Rule } from '../../edge/domain/rules/rule.ts'
import type { Sop } from '../../edge/domain/sops/sop.ts'
import type { Template } from '../../edge/domain/templates/template.ts'
import { type Locale, listed } from '../../edge/domain/vocabulary.ts'
import { nameOf } from '../../edge/domain/words.ts'
import { loadFolder } from '../../edge/load.ts'
import type { Model } from '../../models/model.ts'
import type { SeriesModel } from '../../models/series-model.ts'
import { both, code, json, type Page, table, text } from './page.ts'

const root = new URL('../../', import.meta.url)
const profiles = await loadFolder<DeviceProfile>(new URL('devices/', root), ['device', 'simulate'])
const rules = await loadFolder<Rule>(new URL('edge/domain/rules/', root), ['rule'])
const templates = await loadFolder<Template>(new URL('edge/domain/templates/', root), ['template'])
const sops = await loadFolder<Sop>(new URL('edge/domain/sops/', root), ['sop'])

const sections = <One>(all: ReadonlyMap<string, One>, section: (name: string, one: One) => readonly string[]): readonly string[] =>
  [...all].flatMap(([name, one]) => section(name, one))
const head = (locale: Locale, ...words: readonly (readonly [string, string])[]): readonly string[] =>
  words.map(([zh, en]) => (locale === 'en' ? en : zh))

export const devicesPage: Page = locale =>
  text(
    `# ${both('设备档案', 'Device profiles')[locale]}`,
    both(
      '每个档案是 `devices/` 里的一个文件；下面的例子就是它的测试，也是模拟器说的话。`{topic}` 是设备自己的主题（`{first}` 和 `{rest}` 是第一个 `/` 前后的部分），`{id}` 是它的编号。二进制内容以 base64 显示。例子的名称是源文件里的英文。',
      'Each profile is one file in `devices/`; the examples below are its test and what the simulator says. `{topic}` stands for the device’s own topic (`{first}` and `{rest}` for what is before and after its first `/`), `{id}` for its id. Bytes are shown in base64.'
    )[locale],
    ...sections(profiles, (name, { vendor, model, label, topics, measures, examples, bridge }) => {
      const { publish, subscribe } = topics('{topic}', '{id}')
      const quantities = measures.map(word => `${code(word)} ${nameOf('quantity', word, locale)}`)
      return [
        `## ${code(name)} ${label[locale]}`,
        `${vendor} ${model}${bridge ? both('；其他设备可以通过它说话（`via`）', '; other devices may speak through it (`via`)')[locale] : ''}`,
        table(head(locale, ['', ''], ['主题', 'topics']), [
          [both('可以发布', 'may publish')[locale], listed([...publish, 'devices/{id}/#'].map(code), locale)],
          [both('可以订阅', 'may subscribe')[locale], listed([...subscribe, 'devices/{id}/#'].map(code), locale)]
        ]),
        quantities.length === 0
          ? ''
          : `${both('能说的量：', 'Measures: ')[locale]}${listed(quantities, locale)}${locale === 'en' ? '.' : '。'}`,
        table(
          head(locale, ['例子', 'example'], ['主题', 'topic'], ['说', 'says'], ['意思是', 'means']),
          examples.map(({ name: what, topic = '{topic}', says, means }) => [what, code(topic), code(shown(says)), code(json(means))])
        )
      ]
    })
  )

const shown = (says: unknown): string => (says instanceof Uint8Array ? Buffer.from(says).toString('base64') : json(says))

const per = {
  zone: both('每个区域一份记忆', 'one memory a zone'),
  device: both('每个设备一份记忆', 'one memory a device'),
  series: both('每个设备的每个量一份记忆', 'one memory a device and quantity'),
  camera: both('每个摄像头一份记忆', 'one memory a camera'),
  reports: both('每个区域的群众报告一份记忆', 'one memory for what people report of a zone'),
  place: both(
    '每个地点一份记忆：那里看到、测到、听到的一切，以及相邻区域的',
    'one memory a place: all that is seen, measured and reported there, and beside it'
  ),
  oddity: both('每个设备的每个受观察的量一份记忆', 'one memory a device and watched quantity')
} as const

const watched = (watches: Rule['watches'], locale: Locale): string =>
  watches === 'anything'
    ? both('设备的任何消息', 'any word of the device')[locale]
    : watches.length === 0
      ? both('摄像头的状态', 'the state of the camera')[locale]
      : listed(watches.map(code), locale)

export const rulesPage: Page = locale =>
  text(
    `# ${both('预警规则', 'Early-warning rules')[locale]}`,
    both(
      '每条规则是 `edge/domain/rules/` 里的一个文件。设置可由模板或 station.yaml 的 `rules` 修改。例子写成“第几秒：值”，`null` 表示只有时间流逝。',
      'Each rule is one file in `edge/domain/rules/`. A template, or `rules` in station.yaml, may change its settings. Examples are told as second: value; `null` means that only time has passed.'
    )[locale],
    ...sections(rules, (name, { kind, per: memory, watches, settings, examples }) => [
      `## ${code(name)} ${nameOf('kind', kind, locale)}`,
      `${per[memory][locale]}${locale === 'en' ? '; watches ' : '；看 '}${watched(watches, locale)}`,
      ['```json', JSON.stringify(settings, undefined, 2), '```'].join('\n'),
      table(
        head(locale, ['例子', 'example'], ['看到', 'sees'], ['结果', 'says']),
        examples.map(({ name: what, says, expect, use, quantity }) => [
          [what, use && code(use), quantity && code(quantity)].filter(Boolean).join(' '),
          code(json(says)),
          code(json(expect))
        ])
      )
    ])
  )

const asked = {
  on_duty: both('当班力量', 'units on duty'),
  backup: both('该单位其余力量', 'the rest of the agency'),
  commander: both('值班指挥长', 'the duty commander'),
  neighbour: both('邻近警务室', 'the neighbouring station'),
  city: both('市级指挥中心', 'the city')
} as const
const enough = {
  any: both('任何一个答复即可', 'any one answer is enough'),
  each_agency: both('每个单位都要答复', 'each agency must answer'),
  all: both('每支力量都要答复', 'every unit must answer')
} as const

const ladderTable = ({ rungs, enough: needed }: Ladder, locale: Locale): readonly string[] => [
  `${both('升级阶梯：', 'Ladder: ')[locale]}${enough[needed][locale]}`,
  table(
    head(locale, ['级', 'rung'], ['通知', 'asks'], ['等待秒数', 'waits, seconds']),
    rungs.map(({ ask, within_s }, i) => [i, asked[ask][locale], within_s])
  )
]

export const templatesPage: Page = locale =>
  text(
    `# ${both('站点模板', 'Station templates')[locale]}`,
    both('每个模板是 `edge/domain/templates/` 里的一个文件。', 'Each template is one file in `edge/domain/templates/`.')[locale],
    ...sections(templates, (name, { label, agencies, uses, ladder, cards, rules: changed }) => [
      `## ${code(name)} ${label[locale]}`,
      `${both('单位：', 'Agencies: ')[locale]}${listed(
        agencies.map(word => nameOf('agency', word, locale)),
        locale
      )}`,
      `${both('区域用途：', 'Zone uses: ')[locale]}${listed(
        uses.map(word => nameOf('use', word, locale)),
        locale
      )}`,
      ...ladderTable(ladder, locale),
      both('派遣卡：什么情况通知谁', 'Run cards: who is called for what')[locale],
      table(
        head(locale, ['情况', 'kind'], ['从', 'from'], ['单位', 'agencies'], ['预案', 'procedure'], ['阶梯', 'ladder']),
        cards.map(({ kind, from, agencies: called, sop, ladder: own }) => [
          nameOf('kind', kind, locale),
          nameOf('level', from, locale),
          listed(
            called.map(word => nameOf('agency', word, locale)),
            locale
          ),
          sops.get(sop)?.label[locale] ?? sop,
          own === undefined ? '' : own.rungs.map(({ within_s }) => `${within_s} s`).join(' → ')
        ])
      ),
      Object.keys(changed).length === 0 ? '' : `${both('规则设置：', 'Rule settings: ')[locale]}${code(json(changed))}`
    ])
  )

export const sopsPage: Page = locale =>
  text(
    `# ${both('处置预案', 'Standard procedures')[locale]}`,
    both(
      '每个预案是 `edge/domain/sops/` 里的一个文件；时间从警情开始算。',
      'Each procedure is one file in `edge/domain/sops/`; times count from the opening.'
    )[locale],
    ...sections(sops, (name, { label, steps }) => [
      `## ${code(name)} ${label[locale]}`,
      table(
        head(locale, ['步骤', 'step'], ['单位', 'agency'], ['秒内', 'within, s']),
        steps.map(({ what, agency, within_s }) => [what[locale], nameOf('agency', agency, locale), within_s])
      )
    ])
  )

const folders = (await readdir(new URL('models/', root), { withFileTypes: true }))
  .filter(entry => entry.isDirectory())
  .map(({ name }) => name)
const models = new Map<string, Model>()
const seriesModels = new Map<string, SeriesModel>()
for (const folder of folders.sort()) {
  const { default: model } = (await import(new URL(`models/${folder}/model.ts`, root).href)) as { default: Model | SeriesModel }
  if ('kind' in model) seriesModels.set(folder, model)
  else models.set(folder, model)
}

export const modelsPage: Page = locale =>
  text(
    `# ${both('模型', 'Models')[locale]}`,
    both(
      '每个模型是 `models/` 里的一个文件夹；完整的说明（英文）在它的 card.md 里。模型只数人，或只看数列是否异常，不能辨认人。',
      'Each model is one folder in `models/`; its card.md says more. A model counts people, or says how odd a series is, and can recognise nobody.'
    )[locale],
    ...sections(models, (name, { file, sha256, multiple, cell_px, band, card }) => [
      `## ${code(name)}`,
      table(head(locale, ['', ''], ['', '']), [
        [both('权重', 'weights')[locale], `${code(`models/${name}/${file}`)} sha256 ${code(sha256)}`],
        [both('画布边长的倍数', 'canvas sides are multiples of')[locale], multiple],
        [both('格子，像素', 'cell, pixels')[locale], cell_px],
        [
          both('标明的误差（五次有四次在内）：0、50、200 人时', 'stated error (holds four times in five) at 0, 50 and 200 people')[locale],
          [0, 50, 200].map(n => `± ${halfWidth(band, n).toFixed(1)}`).join(', ')
        ],
        [both('数什么', 'counts')[locale], card.counts],
        [both('许可', 'licence')[locale], card.licence]
      ]),
      both('训练数据：', 'Trained on:')[locale],
      card.data.map(one => `- ${one}`).join('\n'),
      table(
        head(locale, ['在', 'on'], ['平均绝对误差', 'mean absolute error'], ['偏差', 'bias'], ['说明', 'note']),
        card.scores.map(({ on, mae, bias, note }) => [on, mae, bias, note])
      ),
      both('不可用于：', 'Not for:')[locale],
      card.not_for.map(one => `- ${one}`).join('\n'),
      `[card.md](../../../models/${name}/card.md)`
    ]),
    ...sections(seriesModels, (name, { file, sha256, odd, card }) => [
      `## ${code(name)}`,
      table(head(locale, ['', ''], ['', '']), [
        [both('计算图', 'graph')[locale], `${code(`models/${name}/${file}`)} sha256 ${code(sha256)}`],
        [both('多少分起算异常、很异常', 'odd from, very odd from')[locale], `${odd.from}, ${odd.very}`],
        [both('判断什么', 'judges')[locale], card.judges],
        [both('许可', 'licence')[locale], card.licence]
      ]),
      both('所用数据：', 'Chosen on:')[locale],
      card.data.map(one => `- ${one}`).join('\n'),
      table(
        head(locale, ['在', 'on'], ['标准', 'standard'], ['少误报', 'reward low FP'], ['少漏报', 'reward low FN'], ['说明', 'note']),
        card.scores.map(({ on, standard, low_fp, low_fn, note }) => [on, standard, low_fp ?? '', low_fn ?? '', note])
      ),
      both('不可用于：', 'Not for:')[locale],
      card.not_for.map(one => `- ${one}`).join('\n'),
      `[card.md](../../../models/${name}/card.md)`
    ])
  )
