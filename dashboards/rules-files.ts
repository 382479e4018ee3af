/** The alert rules in the two forms their readers want: Grafana's provisioning, and vmalert's for a city without Grafana. */
import { stringify } from 'yaml'
import { both, metricsSource } from './board.ts'
import { evaluatedEvery_s, type Rule, rules } from './rules.ts'

const note = ' Rendered from dashboards/rules.ts by dashboards/render.ts: change it there.\n'
/** `.Labels` instead of `$labels`: Grafana replaces what follows a dollar sign in provisioned files by variables of its environment. */
const where = { station: '{{ .Labels.station }}', zone: '{{ .Labels.station }} {{ .Labels.zone }}' } as const

const annotations = ({ title, about, of }: Rule) => ({ summary: `${both(title)}: ${where[of]}`, description: both(about) })
const labels = ({ severity }: Rule) => ({ severity, source: 'qianshao' })

const yaml = (value: unknown): string => `#${note}${stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })}`

export const grafanaRules = (): string =>
  yaml({
    apiVersion: 1,
    groups: [
      {
        orgId: 1,
        name: '前哨',
        folder: '前哨',
        interval: `${evaluatedEvery_s}s`,
        rules: rules.map(rule => ({
          uid: rule.uid,
          title: both(rule.title),
          condition: 'B',
          data: [
            {
              refId: 'A',
              relativeTimeRange: { from: 600, to: 0 },
              datasourceUid: metricsSource.uid,
              model: { refId: 'A', datasource: metricsSource, editorMode: 'code', expr: rule.expr, instant: true, range: false }
            },
            {
              refId: 'B',
              relativeTimeRange: { from: 0, to: 0 },
              datasourceUid: '__expr__',
              model: {
                refId: 'B',
                datasource: { type: '__expr__', uid: '__expr__' },
                type: 'math',
                // The comparison is in the query: a series that comes back is true, whatever its value (a level of -1, a lag of 0).
                expression: '$A == $A'
              }
            }
          ],
          noDataState: 'OK',
          execErrState: 'Error',
          for: rule.for,
          annotations: annotations(rule),
          labels: labels(rule),
          isPaused: false
        }))
      }
    ]
  })

export const vmalertRules = (): string =>
  yaml({
    groups: [
      {
        name: 'qianshao',
        interval: `${evaluatedEvery_s}s`,
        rules: rules.map(rule => ({
          alert: rule.uid.replace(/^qianshao-/, '').replace(/-/g, '_'),
          expr: rule.expr,
          for: rule.for,
          labels: labels(rule),
          annotations: annotations(rule)
        }))
      }
    ]
  })
