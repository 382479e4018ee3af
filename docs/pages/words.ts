/** The vocabulary in both languages, the density limits, and who may do what over HTTP. */
import { type Allowed, policy } from '../../edge/console/policy.ts'
import { type Action, capacityActions, levelActions, places } from '../../edge/domain/level-actions.ts'
import { powers } from '../../edge/domain/powers.ts'
import {
  agencies,
  cameraStates,
  capSeverity,
  incidentKinds,
  type Label,
  type Locale,
  levels,
  listed,
  measurements,
  outcomes,
  qualifications,
  quantities,
  responseStatuses,
  roles,
  type Severity,
  uses
} from '../../edge/domain/vocabulary.ts'
import { nameOf, reasons } from '../../edge/domain/words.ts'
import { dangerLimit, densityLimits } from '../../edge/domain/zone.ts'
import { both, code, type Page, table, text } from './page.ts'

const dictionary = (title: Label, words: Readonly<Record<string, Label>>, locale: Locale): readonly string[] => [
  `## ${title[locale]}`,
  table(
    [both('词', 'word')[locale], '中文', 'English'],
    Object.entries(words).map(([word, label]) => [code(word), label['zh-CN'], label.en])
  )
]

export const vocabularyPage: Page = locale =>
  text(
    `# ${both('词汇', 'Vocabulary')[locale]}`,
    both(
      '站点、云端、看板共用的词，都在 `edge/domain/vocabulary.ts`。',
      'The words that station, cloud and dashboards share; all are in `edge/domain/vocabulary.ts`.'
    )[locale],
    `## ${both('量', 'Quantities')[locale]}`,
    both(
      '超出“界限”的值标为可疑。“立即”表示随到随存，不等下一批。',
      'A value outside the limits is marked suspect. At once: committed when it arrives, not with the next block.'
    )[locale],
    table(
      [
        both('词', 'word')[locale],
        '中文',
        'English',
        both('单位', 'unit')[locale],
        both('界限', 'limits')[locale],
        both('立即', 'at once')[locale]
      ],
      Object.entries(quantities).map(([word, quantity]) => {
        const { label, unit, min, max } = quantity
        return [code(word), label['zh-CN'], label.en, unit, `${min} … ${max}`, 'urgent' in quantity ? '●' : '']
      })
    ),
    ...dictionary(both('等级', 'Levels'), levels, locale),
    `${both('对应 CAP 严重程度：', 'CAP severity: ')[locale]}${Object.entries(capSeverity)
      .map(([level, cap]) => `${nameOf('level', level, locale)} ${cap}`)
      .join(', ')}`,
    `## ${both('密度界限，人/m²', 'Density limits, p/m²')[locale]}`,
    both(
      '蓝、黄、橙、红四级的下限。这是我们自己定的，有待讨论，不是法规（见 docs/decisions/0011）。',
      'Lower edges of blue, yellow, orange and red. They are ours, to be argued, not law (see docs/decisions/0011).'
    )[locale],
    table(
      [both('用途', 'use')[locale], ...(['blue', 'yellow', 'orange', 'red'] as const).map(level => nameOf('level', level, locale))],
      Object.entries(densityLimits).map(([use, limits]) => [nameOf('use', use, locale), ...limits])
    ),
    `${both('无论站点怎么写、日程怎么排，红色都不高于：', 'Whatever a station or its calendar says, red is not above: ')[locale]}${Object.entries(
      dangerLimit
    )
      .map(([use, limit]) => `${nameOf('use', use, locale)} ${limit}`)
      .join(', ')}`,
    `## ${both('每一级要做什么', 'What each level asks for')[locale]}`,
    both(
      '看板和预警上显示的处置要求。站点可在 station.yaml 的 `actions` 里写自己的。',
      'Shown beside zones and alerts. A station writes its own under `actions` in station.yaml.'
    )[locale],
    table(
      [
        both('用途', 'use')[locale],
        both('等级', 'level')[locale],
        both('要做什么', 'what to do')[locale],
        both('依据', 'laid down in')[locale]
      ],
      Object.entries({ ...levelActions, capacity: capacityActions }).flatMap(([place, cards]) =>
        (Object.entries(cards) as [Severity, Action][]).map(([level, { do: what, source }]) => [
          places[place as keyof typeof places][locale],
          nameOf('level', level, locale),
          what[locale],
          source
        ])
      )
    ),
    ...dictionary(both('区域用途', 'Uses of a zone'), uses, locale),
    ...dictionary(both('单位', 'Agencies'), agencies, locale),
    ...dictionary(both('警情种类', 'Kinds of incident'), incidentKinds, locale),
    ...dictionary(both('职责', 'Roles'), roles, locale),
    ...dictionary(both('本领', 'Qualifications'), qualifications, locale),
    ...dictionary(both('职权（法律依据待核对）', 'Powers (their laws are still to be verified)'), powers, locale),
    ...dictionary(both('答复状态', 'States of a response'), responseStatuses, locale),
    ...dictionary(both('摄像头状态', 'States of a camera'), cameraStates, locale),
    ...dictionary(both('结果', 'Outcomes'), outcomes, locale),
    ...dictionary(both('拒绝的理由', 'Reasons of a refusal'), reasons, locale),
    `## ${both('时序', 'Time series')[locale]}`,
    table(
      [both('度量', 'measurement')[locale], both('标签', 'tags')[locale], both('字段', 'fields')[locale]],
      Object.entries(measurements).map(([name, { tags, fields }]) => [code(name), tags.map(code).join(' '), fields.map(code).join(' ')])
    )
  )

const whoOf = (allowed: Allowed, locale: Locale): string =>
  allowed === 'everyone'
    ? both('任何人', 'everyone')[locale]
    : allowed.roles.length === Object.keys(roles).length
      ? both('任何登录的人', 'whoever has signed in')[locale]
      : listed(
          allowed.roles.map(role => nameOf('role', role, locale)),
          locale
        )

export const routesPage: Page = locale =>
  text(
    `# ${both('站点接口：谁可以做什么', 'HTTP of the station: who may do what')[locale]}`,
    both(
      '由 `edge/console/policy.ts` 生成；表里没有的路径不会启动。请求和答复的形状见运行中站点的 `/openapi.json`。',
      'Rendered from `edge/console/policy.ts`; a route that is not in that table does not start. Shapes are in `/openapi.json` of a running station.'
    )[locale],
    table(
      [both('路径', 'route')[locale], both('人员', 'people')[locale], both('其他系统所需权限', 'scope of a machine')[locale]],
      Object.entries(policy).map(([route, allowed]) => [
        code(route),
        whoOf(allowed, locale),
        allowed === 'everyone' ? '' : (allowed.scope ?? both('不可以', 'never')[locale])
      ])
    )
  )
