import type { InjectionKey } from 'vue'
import type { Answers, Question } from '../kit/AskDialog.vue'

/** Asks the person something in the one dialog of the app. */
export const asking: InjectionKey<(question: Question) => Promise<Answers | undefined>> = Symbol('asking')
