/** What waits to be let in, what may be chosen for it, and what the station template expects and nothing gives. */
import { silenceOf } from './domain/announced.ts'
import { hasChanged, proposalId } from './ingest/proposals.ts'
import type { OnboardingParts } from './onboarding.ts'
import type { Onboarding, ProposalNow } from './ports.ts'

/** What announces itself without a profile of ours is served by the one that understood the announcement. */
const announcing_profile = 'homeassistant'

export const openWaiting = ({
  config,
  definitions: { profiles },
  template,
  duty: { state, silent_after_s },
  sensors,
  ...parts
}: OnboardingParts): Pick<Onboarding, 'proposals' | 'names' | 'profiles' | 'missing'> => {
  const proposals = (): readonly ProposalNow[] => {
    const let_in = new Map(
      [...state.enrolled.values()].flatMap(one => (one.via && one.announced ? [[proposalId(one.via, one.announced.key), one]] : []))
    )
    const enrolled = new Set(sensors.list().map(({ via, topic }) => `${via}\n${topic}`))
    return parts.proposals.list().flatMap(({ announced, ...proposal }) => {
      const approved = let_in.get(proposal.id)
      if (approved?.announced !== undefined && !hasChanged(approved.announced, announced)) return []
      // Enrolled by hand before it announced itself.
      const { speaks } = announced
      if (approved === undefined && speaks && enrolled.has(`${proposal.bridge}\n${speaks.topic}`)) return []
      return [
        {
          ...proposal,
          announced,
          profile: speaks?.profile ?? announcing_profile,
          zone: approved?.zone ?? config.zones.find(({ id, name }) => id === announced.area || name === announced.area)?.id,
          device: approved?.id,
          claims: sensors.claims(announced, proposal.bridge),
          silent_after_s: silenceOf(announced, silent_after_s)
        }
      ]
    })
  }

  return {
    proposals,
    names: () => {
      const announced = new Set(
        parts.proposals
          .list()
          .flatMap(({ bridge, announced: { entities, presence, speaks } }) =>
            [...entities, ...presence, ...(speaks ? [speaks] : [])].map(({ topic }) => `${bridge}\n${topic}`)
          )
      )
      return sensors.unknown().filter(({ bridge, topic }) => !announced.has(`${bridge}\n${topic}`))
    },
    profiles: () => [...profiles].map(([id, { label, measures, bridge = false }]) => ({ id, label, measures, bridge })),
    missing: () => {
      // What it has said, not what its profile could say: a door contact is no smoke detector, though Zigbee knows both.
      const given = new Map<string, Set<string>>(config.zones.map(({ id }) => [id, new Set()]))
      for (const { id, zone, last_readings } of sensors.list())
        for (const quantity of [...(state.enrolled.get(id)?.announced?.gives ?? []), ...last_readings.map(one => one.quantity)])
          given.get(zone)?.add(quantity)
      for (const { zone } of config.cameras) given.get(zone)?.add('people_count')
      return config.zones.flatMap(({ id: zone, use }) => {
        const quantities = (template.expects?.[use] ?? []).filter(quantity => !given.get(zone)?.has(quantity))
        return quantities.length === 0 ? [] : [{ zone, quantities }]
      })
    }
  }
}
