import t from 'tap'
import { type Command, decide, evolve, type Incident } from '../../edge/domain/incident.ts'
import { actionOf, type Became } from '../../edge/domain/public-actions.ts'

const opened = (drill: boolean): Incident =>
  evolve(undefined, {
    type: 'incident_opened',
    id: 'i-1',
    at: 0,
    kind: 'fire',
    zone: 'row',
    severity: 'red',
    because: { say: 'works_again', with: {} },
    sop: 'fire',
    needs: ['fire'],
    ladder: { enough: 'each_agency', rungs: [{ ask: 'on_duty', within_s: 15 }] },
    ask: [{ unit: 'fire-1', agency: 'fire' }],
    drill
  })
const propose = (persons: number): Command => ({
  type: 'propose_action',
  action: { id: 'horn', kind: 'siren', device: 'siren-1', persons }
})
const confirm = (by: string): Command => ({ type: 'confirm_action', action: 'horn', by })
const stop = (by: string): Command => ({ type: 'stop_action', action: 'horn', by })
const became = (status: Became): Command => ({ type: 'action_became', action: 'horn', status })
/** What each order comes to: the status of the action, or why not. */
const after = (commands: readonly Command[], drill = false): string[] => {
  let incident = opened(drill)
  return commands.map(command => {
    const decision = decide(incident, command, 1)
    if ('refused' in decision) return decision.refused
    for (const event of decision.events) incident = evolve(incident, event)
    return actionOf(incident, 'horn')?.status ?? 'none'
  })
}

t.test('a proposed action waits for as many different people as it needs', async t => {
  t.strictSame(after([propose(1), propose(1), confirm('li'), confirm('wang')]), ['proposed', 'proposed', 'confirmed', 'already_answered'])
  t.strictSame(after([propose(2), confirm('li'), confirm('li'), confirm('wang')]), [
    'proposed',
    'proposed',
    'second_person_needed',
    'confirmed'
  ])
  t.strictSame(after([confirm('li')]), ['no_such_action'])
})

t.test('nothing is sent that nobody has confirmed, and what failed may be sent again by a person', async t => {
  t.strictSame(after([propose(1), became('sent'), became('acknowledged')]), ['proposed', 'proposed', 'proposed'])
  t.strictSame(
    after([
      propose(1),
      confirm('li'),
      became('sent'),
      became('failed'),
      confirm('li'),
      became('sent'),
      became('acknowledged'),
      became('failed')
    ]),
    [...['proposed', 'confirmed', 'sent', 'failed', 'confirmed'], ...['sent', 'acknowledged', 'acknowledged']]
  )
})

t.test('in an exercise it is rehearsed: confirmed, and nothing can become of it', async t => {
  t.strictSame(after([propose(1), confirm('li'), became('sent')], true), ['proposed', 'rehearsed', 'rehearsed'])
})

t.test('one person ends it early, and only what goes on; to begin again it needs as many people as before', async t => {
  t.strictSame(after([propose(1), stop('li')]), ['proposed', 'nothing_to_stop'])
  t.strictSame(
    after([
      ...[propose(2), confirm('li'), confirm('wang'), became('sent'), became('acknowledged')],
      ...[stop('li'), stop('li'), became('acknowledged'), became('not_stopped'), stop('wang'), became('stopped')],
      ...[stop('li'), confirm('li'), confirm('li'), confirm('wang')]
    ]),
    [
      ...['proposed', 'proposed', 'confirmed', 'sent', 'acknowledged'],
      ...['stopping', 'nothing_to_stop', 'stopping', 'not_stopped', 'stopping', 'stopped'],
      ...['nothing_to_stop', 'proposed', 'second_person_needed', 'confirmed']
    ],
    'what a device says late of its being on does not undo it'
  )
})
