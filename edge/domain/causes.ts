/** What a device will cause: which rule looks at what it measures, how bad that is, and who is asked by which checklist. */
import { type RunCard, runCard } from './dispatch.ts'
import { type Agency, type IncidentKind, isIncidentKind, isQuantity, isSeverity, type Quantity, type Severity } from './vocabulary.ts'

export type Cause = {
  readonly quantity: Quantity
  readonly above: number
  readonly severity: Severity
  readonly kind: IncidentKind
  /** Who must answer; nobody when it is for the board alone. */
  readonly agencies: readonly Agency[]
  readonly sop: string | undefined
}

/** `settings` of every rule of series as they hold at this station; those with steps of a kind and a severity say what they cause. */
export const causes = (settings: readonly object[], cards: readonly RunCard[]): readonly Cause[] =>
  settings.flatMap(of =>
    Object.entries(of).flatMap(([quantity, steps]) =>
      !isQuantity(quantity) || !Array.isArray(steps)
        ? []
        : steps.flatMap(({ above, severity, kind }) => {
            if (typeof above !== 'number' || !isSeverity(severity) || !isIncidentKind(kind) || kind === 'path') return []
            const card = runCard(cards, kind, severity)
            return [{ quantity, above, severity, kind, agencies: card?.agencies ?? [], sop: card?.sop }]
          })
    )
  )
