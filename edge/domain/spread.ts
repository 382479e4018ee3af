/** How times and shares are told: the middle, the slow tenth, the worst; and how sure a share of few is. */

export type Spread = { readonly n: number; readonly p50_s?: number; readonly p90_s?: number; readonly worst_s?: number }

/** Nearest rank: every figure is one that happened. Of nothing there is no figure. */
export const spreadOf = (times_ms: readonly number[]): Spread => {
  const sorted = [...times_ms].sort((a, b) => a - b)
  const [p50, p90, worst] = [0.5, 0.9, 1].map(share => sorted[Math.ceil(share * sorted.length) - 1])
  if (p50 === undefined || p90 === undefined || worst === undefined) return { n: 0 }
  return { n: sorted.length, p50_s: p50 / 1000, p90_s: p90 / 1000, worst_s: worst / 1000 }
}

/** 97.5 % of the standard normal distribution lie below it. */
const z = 1.959964

/** Wilson's interval: where the true share lies, with 95 % confidence, when `n` of `m` were seen. Honest for 0 of 3 too. */
export const wilson = (n: number, m: number): { readonly low: number; readonly high: number } => {
  if (m === 0) return { low: 0, high: 1 }
  const p = n / m
  const middle = p + z ** 2 / (2 * m)
  const reach = z * Math.sqrt((p * (1 - p)) / m + z ** 2 / (4 * m ** 2))
  const whole = 1 + z ** 2 / m
  return { low: n === 0 ? 0 : (middle - reach) / whole, high: n === m ? 1 : (middle + reach) / whole }
}
