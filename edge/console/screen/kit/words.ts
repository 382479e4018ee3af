/** What the shared components say. */
const zh = {
  people: '人',
  of_capacity: '核定 {capacity} 的 {percent}%',
  persons_per_m2: '人/m²',
  seconds_ago: '{n} 秒前',
  minutes_ago: '{n} 分钟前',
  hours_ago: '{n} 小时前',
  not_known: '未知',
  nothing_seen: '从未收到画面',
  gauge: '密度 {value} 人/m²，界限 {blue}、{yellow}、{orange}、{red}',
  gauge_unknown: '密度未知',
  field: '每 10 平方米约 {n} 人',
  trail: '近 15 分钟密度',
  close: '关闭',
  cancel: '取消',
  optional: '（可不填）',
  none: '不指定'
}
const en: typeof zh = {
  people: 'people',
  of_capacity: '{percent} % of {capacity} allowed',
  persons_per_m2: 'p/m²',
  seconds_ago: '{n} s ago',
  minutes_ago: '{n} min ago',
  hours_ago: '{n} h ago',
  not_known: 'unknown',
  nothing_seen: 'never seen',
  gauge: 'density {value} p/m², limits {blue}, {yellow}, {orange}, {red}',
  gauge_unknown: 'density unknown',
  field: 'about {n} people on 10 square metres',
  trail: 'density over the last 15 min',
  close: 'Close',
  cancel: 'Cancel',
  optional: '(optional)',
  none: 'not given'
}
export const kitWords = { 'zh-CN': zh, en }
