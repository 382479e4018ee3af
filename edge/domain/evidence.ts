/**
 * Evidence: what one source adds to the suspicion of a danger, in points, and how it fades.
 *
 * A hundred points are beyond reasonable doubt. A detector's own alarm is 60: one detector alone is mistaken too often to be certain.
 * A source that says the same again is as fresh as its last word and adds nothing; independent sources add up. Points are ours, to be
 * argued, not law: they stand in one table so that they can be.
 */
import type { ReportSign } from './report-words.ts'
import { type Label, label, quantities, rank, type Severity } from './vocabulary.ts'

type SignWords = { readonly label: Label; readonly unit?: string; readonly half_life_s: number }
const minutes = (n: number): number => n * 60
const hours = (n: number): number => n * 3600
const sensor = (quantity: keyof typeof quantities, half_life_s: number): SignWords => {
  const { label, unit } = quantities[quantity]
  return { label, unit, half_life_s }
}

/** What can be said of a danger. Detectors count for minutes, people for hours: a call is made once, a detector repeats itself. */
export const signs = {
  smoke_alarm: sensor('smoke_alarm', minutes(30)),
  gas_alarm: sensor('gas_alarm', minutes(30)),
  carbon_monoxide_alarm: sensor('carbon_monoxide_alarm', minutes(30)),
  smoke_obscuration_percent: sensor('smoke_obscuration_percent', minutes(10)),
  gas_lel_percent: sensor('gas_lel_percent', minutes(10)),
  carbon_monoxide_ppm: sensor('carbon_monoxide_ppm', minutes(10)),
  temperature_celsius: sensor('temperature_celsius', minutes(10)),
  temperature_rising: { label: label('十分钟内升温', 'warmer within ten minutes by'), unit: '°C', half_life_s: minutes(10) },
  button_pressed: sensor('button_pressed', minutes(30)),
  density_per_m2: sensor('density_per_m2', minutes(2)),
  crowd_motion: { label: label('人群运动等级', 'crowd motion level'), unit: '', half_life_s: minutes(5) },
  people_near: { label: label('附近人群', 'people near'), unit: 'p/m²', half_life_s: minutes(5) },
  report_fire: { label: label('报告起火', 'fire is reported'), half_life_s: hours(2) },
  report_smoke: { label: label('报告冒烟', 'smoke is reported'), half_life_s: hours(2) },
  report_gas: { label: label('报告燃气味', 'smell of gas is reported'), half_life_s: hours(2) },
  report_pressed: { label: label('报告被挤压', 'people are said to be pressed'), half_life_s: hours(2) },
  report_crowding: { label: label('报告拥挤', 'crowding is reported'), half_life_s: hours(2) },
  report_collapse: { label: label('报告有人倒地', 'somebody is said to have collapsed'), half_life_s: hours(1) },
  report_fight: { label: label('报告打架', 'a fight is reported'), half_life_s: hours(1) }
} as const satisfies Record<string, SignWords> & Record<ReportSign, SignWords>
export type Sign = keyof typeof signs

export type Evidence = {
  readonly sign: Sign
  /** A device, a camera, a report: what is independent of the others. */
  readonly source: string
  /** Where, when it is beside the place itself. */
  readonly zone?: string
  readonly value?: number
  /** Of a report: the word that tells what it speaks of. */
  readonly word?: string
  /** At `at`; half of it after each half-life. */
  readonly points: number
  readonly at: number
}

export const isReport = ({ sign }: Pick<Evidence, 'sign'>): boolean => sign.startsWith('report_')

/** What is left of it. Nothing grows before its time: what is dated later counts in full. */
export const pointsAt = ({ sign, points, at }: Pick<Evidence, 'sign' | 'points' | 'at'>, now: number): number =>
  points * 2 ** (-Math.max(0, now - at) / 1000 / signs[sign].half_life_s)

/** Fewer points than this are no longer listed. */
export const least_points = 3
/** When it no longer counts. */
export const fadedAt = ({ sign, points, at }: Pick<Evidence, 'sign' | 'points' | 'at'>): number =>
  at + Math.max(0, Math.log2(points / least_points)) * signs[sign].half_life_s * 1000

/** More than this of one danger in one place are a flood that adds nothing: what has faded most goes first. */
export const most_evidence = 40

/** A source's word of a sign replaces its former one when it says more than what is left of that; else the former fades on. */
export const heard = (known: readonly Evidence[], said: Evidence, now: number): readonly Evidence[] => {
  const before = known.find(one => one.source === said.source && one.sign === said.sign)
  // Compared at one moment, so that the order in which they came does not matter.
  if (before !== undefined && pointsAt(before, now) >= pointsAt(said, now)) return known
  const all = [...known.filter(one => one !== before && pointsAt(one, now) >= least_points), said]
  return all.length <= most_evidence ? all : [...all].sort((a, b) => pointsAt(b, now) - pointsAt(a, now)).slice(0, most_evidence)
}

/** How sure: one source alone is never more than likely. */
export const grades = {
  possible: { label: label('可能', 'possible'), from: 30 },
  likely: { label: label('很可能', 'likely'), from: 50 },
  confirmed: { label: label('已相互印证', 'confirmed by several'), from: 90 }
} as const
export type Grade = keyof typeof grades
export const gradeOf = (points: number): Grade | undefined =>
  points >= grades.confirmed.from
    ? 'confirmed'
    : points >= grades.likely.from
      ? 'likely'
      : points >= grades.possible.from
        ? 'possible'
        : undefined

const severityFrom: readonly (readonly [Severity, number])[] = [
  ['red', grades.confirmed.from],
  ['orange', grades.likely.from],
  ['yellow', 40],
  ['blue', grades.possible.from]
]
export const severityOf = (points: number): Severity | undefined => severityFrom.find(([, from]) => points >= from)?.[0]
/** What a detector's own alarm of this severity is worth. */
export const alarmPoints = (severity: Severity): number => [15, 30, 50, 60][rank(severity) - 1] ?? 0
/** One source alone, whatever it says and however often. */
export const most_of_one_source = 60
