/** Stretches of time: from a moment, until just before another. Lists of them are in order and do not touch. */
export type Span = { readonly from: number; readonly until: number }

export const holds = ({ from, until }: Span, at: number): boolean => from <= at && at < until

export const union = (spans: readonly Span[]): readonly Span[] => {
  const joined: Span[] = []
  for (const span of spans.filter(({ from, until }) => from < until).sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1)
    if (last === undefined || span.from > last.until) joined.push(span)
    else if (span.until > last.until) joined[joined.length - 1] = { from: last.from, until: span.until }
  }
  return joined
}

export const within = (spans: readonly Span[], { from, until }: Span): readonly Span[] =>
  spans.flatMap(span => {
    const cut = { from: Math.max(span.from, from), until: Math.min(span.until, until) }
    return cut.from < cut.until ? [cut] : []
  })

export const without = (spans: readonly Span[], away: readonly Span[]): readonly Span[] =>
  away.reduce<readonly Span[]>(
    (left, { from, until }) =>
      left.flatMap(span => [
        ...within([span], { from: Number.NEGATIVE_INFINITY, until: from }),
        ...within([span], { from: until, until: Number.POSITIVE_INFINITY })
      ]),
    spans
  )
