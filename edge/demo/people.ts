/** The people of a scenario: they report and open incidents over HTTP, as any other system does that has a token. */
import type { Clock } from '../clock.ts'
import { type Scenario, wordsOf } from '../scenario.ts'

export type People = {
  readonly url: string
  readonly token: string
  readonly scenario: Scenario
  readonly speed: number
  readonly clock: Clock
}

/** `failed` hears of an answer that is a refusal. The answer of this function sends them home. */
export const letPeopleSpeak = ({ url, token, scenario, speed, clock }: People, failed: (why: string) => void): (() => void) => {
  const began = clock.now()
  const post = async (path: string, body: object): Promise<void> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }
  const cancels = wordsOf(scenario).map(word =>
    clock.wake(began + (word.at_s / speed) * 1000, () => {
      if ('report' in word) {
        const { zone, kind, text } = word.report
        post('/api/reports', { zone, kind, text }).catch(error => failed((error as Error).message))
      } else if ('open' in word) {
        const { by: _, ...opened } = word.open
        post('/api/incidents', opened).catch(error => failed((error as Error).message))
      }
    })
  )
  return () => {
    for (const cancel of cancels) cancel()
  }
}
