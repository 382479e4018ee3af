/** What the journal says of the roster: changes of duty, and who commands. */
import { type CommandPost, evolveCommand, type HandoverCommand, type HandoverEvent, nobodyInCommand } from './command-post.ts'
import { type DutyChange, type DutyChangeCommand, type DutyChangeEvent, evolveDutyChanges } from './duty-change.ts'

export type RosterState = { readonly changes: readonly DutyChange[]; readonly command: CommandPost }
export type RosterEvent = DutyChangeEvent | HandoverEvent
export type RosterCommand = DutyChangeCommand | HandoverCommand

export const emptyRoster: RosterState = { changes: [], command: nobodyInCommand }

export const evolveRoster = (roster: RosterState, event: RosterEvent): RosterState =>
  isHandover(event)
    ? { ...roster, command: evolveCommand(roster.command, event) }
    : { ...roster, changes: evolveDutyChanges(roster.changes, event) }

const isHandover = (event: RosterEvent): event is HandoverEvent => event.type.startsWith('handover_')

export const isDutyCommand = (command: RosterCommand): command is DutyChangeCommand =>
  command.type === 'absent' || command.type === 'swap' || command.type === 'restore'
