/** Red first, then the newest: the order in which a person should read. Both the API and its screens use it. */
import { rank, type Severity } from '../domain/vocabulary.ts'

type Item = { readonly severity: Severity; readonly opened_at?: string; readonly raised_at?: string }

export const worstFirst = (a: Item, b: Item): number =>
  rank(b.severity) - rank(a.severity) || Date.parse(b.opened_at ?? b.raised_at ?? '') - Date.parse(a.opened_at ?? a.raised_at ?? '')
