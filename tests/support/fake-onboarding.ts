import type { Template } from '../../edge/domain/templates/template.ts'
import type { Zone } from '../../edge/domain/zone.ts'
import type { DutyRoom } from '../../edge/duty.ts'
import type { Accounts } from '../../edge/ingest/accounts.ts'
import { openProposals, type Proposals } from '../../edge/ingest/proposals.ts'
import { openSensors, type Sensors } from '../../edge/ingest/sensors.ts'
import { openOnboarding } from '../../edge/onboarding.ts'
import type { Clock } from '../../edge/ports.ts'
import { credentialOf } from '../../edge/wire.ts'
import { definitions } from './duty.ts'

const oneForAll = {
  enrolDevice: async () => ({ password: 'shown-this-once' }),
  removeDevice: async () => ({ removed: true })
} satisfies Partial<Accounts>

/** The station's own onboarding over accounts that know one password. */
export const openFakeOnboarding = (
  clock: Clock,
  duty: DutyRoom,
  template: Template,
  zones: readonly Zone[],
  accounts: Pick<Accounts, 'enrolDevice' | 'removeDevice'> = oneForAll
): {
  readonly onboarding: ReturnType<typeof openOnboarding>
  readonly sensors: Sensors
  readonly proposals: Proposals
  readonly dropped: string[]
} => {
  const config = { devices: [], machines: [], cameras: [], rules: {}, mqtt: { host: '0.0.0.0', port: 1883, limits: {} }, zones }
  const proposals = openProposals()
  const dropped: string[] = []
  const sensors = openSensors({
    profiles: definitions.profiles,
    devices: [],
    clock,
    hear: duty.hear,
    online: () => undefined,
    log: { warn: () => undefined },
    announced: proposals.hear,
    about: id => ({ credential: credentialOf(id, undefined, duty.state), in_file: false, limits: duty.state.enrolled.get(id)?.limits })
  })
  const onboarding = openOnboarding({
    config: config as unknown as Parameters<typeof openOnboarding>[0]['config'],
    definitions,
    template,
    clock,
    accounts,
    duty,
    sensors,
    proposals,
    broker: { drop: id => void dropped.push(id), port: 1883, tlsPort: undefined },
    log: { warn: () => undefined }
  })
  return { onboarding, sensors, proposals, dropped }
}
