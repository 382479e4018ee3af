import type { InjectionKey } from 'vue'
import type { Question } from '../kit/AskDialog.vue'

/** Asks the person something in the one dialog of the app. */
export const asking: InjectionKey<(question: Question) => Promise<Record<string, string> | undefined>> = Symbol('asking')
