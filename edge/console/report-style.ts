/**
 * How the report looks, on paper first: A4, page numbers, heads repeated, no row cut in two. The page may load nothing at all; this one
 * style sheet is allowed by its hash, so that neither a script nor a style that somebody wrote into a note can ever run.
 */
import { createHash } from 'node:crypto'
import { type Locale, locales } from '../domain/vocabulary.ts'
import { reportWords } from './report-words.ts'

const css = (locale: Locale): string => `
@page { size: A4; margin: 16mm 14mm 18mm; @bottom-center { font: 9pt sans-serif; color: #555;
  content: "${reportWords.page[locale]}" counter(page) "${reportWords.page_of[locale]}" counter(pages) "${reportWords.page_end[locale]}"; } }
* { box-sizing: border-box; }
html { color: #111; background: #fff; font: 10pt/1.45 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
body { margin: 0; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
h1 { margin: 0; font-size: 19pt; text-align: center; letter-spacing: 0.2em; }
:lang(en) h1 { letter-spacing: 0; }
h2 { margin: 15pt 0 5pt; padding-bottom: 2pt; border-bottom: 1.2pt solid #111; font-size: 11.5pt; break-after: avoid; }
h3 { margin: 9pt 0 3pt; font-size: 10pt; break-after: avoid; }
p { margin: 3pt 0; }
.sub { margin-bottom: 8pt; text-align: center; color: #444; }
.note { padding: 3pt 8pt; border-left: 3pt solid #b45309; background: #fff7ed; }
table { width: 100%; border-collapse: collapse; font-size: 8.5pt; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { padding: 2.5pt 4pt; border: 0.5pt solid #888; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #eef1f5; font-weight: 600; white-space: nowrap; overflow-wrap: normal; }
td { white-space: pre-line; }
td, .name { unicode-bidi: isolate; }
.facts th { width: 17%; }
.facts td { width: 33%; font-size: 9pt; }
.facts td[colspan] { width: auto; }
.n { font-variant-numeric: tabular-nums; white-space: nowrap; }
.t { font-variant-numeric: tabular-nums; white-space: nowrap; width: 1%; }
.code { font-family: "Noto Sans Mono", ui-monospace, Menlo, Consolas, monospace; font-size: 7.5pt; overflow-wrap: anywhere; }
.short { width: 1%; white-space: nowrap; }
.bad { color: #b91c1c; font-weight: 600; }
.good { color: #166534; font-weight: 600; }
.dim { color: #666; }
.level { font-weight: 700; }
.level-blue { color: #1d4ed8; } .level-yellow { color: #a16207; } .level-orange { color: #c2410c; } .level-red { color: #b91c1c; }
svg { display: block; width: 100%; height: auto; margin: 4pt 0 6pt; break-inside: avoid; }
svg text { font-size: 11px; fill: #111; }
svg .axis { stroke: #888; stroke-width: 1; }
svg .ring { stroke: #b45309; stroke-width: 1.2; stroke-dasharray: 4 3; }
svg .ring-name { fill: #b45309; text-anchor: middle; }
svg .bar { fill: #334155; }
svg .bar-run { fill: #cbd5e1; }
.drill-mark { position: fixed; top: 42%; left: 0; right: 0; z-index: 1; transform: rotate(-28deg); text-align: center; font-size: 96pt;
  font-weight: 800; letter-spacing: 0.25em; color: rgb(185 28 28 / 13%); pointer-events: none; }
:lang(en) .drill-mark { letter-spacing: 0.05em; font-size: 76pt; }
.signatures { break-before: avoid; break-inside: avoid; display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 12mm; margin-top: 16mm; }
.signatures p { padding-top: 3pt; border-top: 0.8pt solid #111; }
@media screen { html { background: #dfe3e8; } body { max-width: 210mm; margin: 8mm auto; padding: 16mm 14mm; background: #fff; }
  table { display: block; overflow-x: auto; } }
@media screen and (min-width: 800px) { table { display: table; } }
`
const sheets = Object.fromEntries(locales.map(locale => [locale, css(locale)])) as Readonly<Record<Locale, string>>
const hashes = Object.values(sheets).map(sheet => `'sha256-${createHash('sha256').update(sheet).digest('base64')}'`)

export const reportStyle = (locale: Locale): string => sheets[locale]
/** The one answer of the console that may style itself, and may do nothing else. */
export const report_policy = `default-src 'none';style-src ${hashes.join(' ')};base-uri 'none';form-action 'none';frame-ancestors 'none'`
