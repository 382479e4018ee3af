/** Red first, then the newest: the order in which a person should read. Both the API and its screens use it. */
import { rank, type Severity } from '../domain/vocabulary.ts'

type Moment = string | number
type Item = { readonly severity: Severity; readonly opened_at?: Moment; readonly raised_at?: Moment }

export const worstFirst = (a: Item, b: Item): number =>
  rank(b.severity) - rank(a.severity) || moment(b.opened_at ?? b.raised_at) - moment(a.opened_at ?? a.raised_at)

const moment = (at: Moment = ''): number => (typeof at === 'number' ? at : Date.parse(at))
