/** The clocks of an incident as bars against the rings of 1, 3 and 5 minutes: a drawing without script or style of its own. */
import { type Html, html } from './html.ts'
import type { IncidentShape } from './incident-shape.ts'
import type { ReportWord } from './report-words.ts'

type Clocks = IncidentShape['clocks']
type Bar = { readonly name: string; readonly seconds: number | null; readonly said: string }

const width = 680
const left = 96
const right = 70
const row = 20
const top = 22

export const clockBars = (
  clocks: Clocks,
  word: (key: ReportWord, values?: Record<string, string | number>) => string,
  say: (s: number) => string
): Html => {
  const bars: readonly Bar[] = (
    [
      ['clock_shown', clocks.first_shown_s],
      ['clock_answer', clocks.first_answer_s],
      ['clock_all', clocks.all_answered_s],
      ['clock_on_scene', clocks.first_on_scene_s]
    ] as const
  ).map(([key, seconds]) => ({ name: word(key), seconds, said: seconds === null ? '–' : say(seconds) }))
  // A minute past the last ring; what took longer ends at the edge, its figure beside it.
  const end_s = 360
  const x = (s: number): number => Math.round((left + (Math.min(s, end_s) / end_s) * (width - left - right)) * 10) / 10
  const height = top + bars.length * row + 6
  const open_s = clocks.running_s
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${bars.map(({ name, said }) => `${name} ${said}`).join(', ')}">
${clocks.rings.map(
  ({ within_s }) => html`<line class="ring" x1="${x(within_s)}" y1="${top - 6}" x2="${x(within_s)}" y2="${height - 2}"/>
<text class="ring-name" x="${x(within_s)}" y="12">${word('ring', { n: within_s / 60 })}</text>
`
)}${bars.map(({ name, seconds, said }, i) => {
  const y = top + i * row
  const until = seconds ?? open_s
  return html`<text x="0" y="${y + 12}">${name}</text>
${until === null ? undefined : html`<rect class="${seconds === null ? 'bar-run' : 'bar'}" x="${left}" y="${y + 3}" width="${Math.max(1.5, x(until) - left)}" height="11"/>`}
<text x="${(until === null ? left : x(until)) + 5}" y="${y + 12}">${said}</text>
`
})}<line class="axis" x1="${left}" y1="${top - 6}" x2="${left}" y2="${height - 2}"/></svg>`
}
