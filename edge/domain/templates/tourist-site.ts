import { defineTemplate, repairLadder, usualLadder } from './template.ts'

export default defineTemplate({
  label: { 'zh-CN': '旅游景区', en: 'tourist site' },
  agencies: [
    'police',
    'traffic_police',
    'operator',
    'culture_tourism',
    'fire',
    'medical',
    'guard',
    'volunteer',
    'city_management',
    'market_regulation',
    'maintenance',
    'city'
  ],
  uses: ['viewing', 'walkway', 'stairs', 'queue', 'waiting'],
  expects: { viewing: ['button_pressed', 'people_count'], queue: ['people_count'], stairs: ['people_count'] },
  ladder: usualLadder,
  cards: [
    // LB/T 034-2014: at 80 % of the approved number announce, report to the local government, stop ticket sales, divert.
    { kind: 'capacity', from: 'yellow', agencies: ['operator', 'culture_tourism', 'traffic_police', 'city'], sop: 'capacity' },
    {
      kind: 'capacity',
      from: 'orange',
      agencies: ['operator', 'culture_tourism', 'traffic_police', 'city', 'police', 'guard'],
      sop: 'capacity'
    },
    {
      kind: 'capacity',
      from: 'red',
      agencies: ['operator', 'culture_tourism', 'traffic_police', 'city', 'police', 'guard', 'medical', 'volunteer'],
      sop: 'capacity'
    },
    { kind: 'crowd', from: 'orange', agencies: ['police', 'operator', 'guard'], sop: 'crowd' },
    {
      kind: 'crowd',
      from: 'red',
      agencies: ['police', 'operator', 'guard', 'traffic_police', 'medical', 'volunteer', 'city'],
      sop: 'crowd'
    },
    { kind: 'fire', from: 'orange', agencies: ['police', 'fire', 'operator'], sop: 'fire' },
    { kind: 'gas', from: 'orange', agencies: ['police', 'fire', 'operator'], sop: 'gas' },
    { kind: 'panic', from: 'yellow', agencies: ['police', 'guard'], sop: 'panic', pair: true },
    { kind: 'fight', from: 'orange', agencies: ['police', 'guard'], sop: 'general' },
    { kind: 'collapse', from: 'orange', agencies: ['medical', 'operator'], sop: 'general' },
    { kind: 'water', from: 'yellow', agencies: ['operator'], sop: 'general' },
    {
      kind: 'lost_child',
      from: 'yellow',
      agencies: ['police', 'operator', 'guard', 'volunteer'],
      sop: 'search',
      everyone: true,
      sweep_s: 300
    },
    { kind: 'dispute', from: 'yellow', agencies: ['market_regulation', 'operator'], sop: 'general' },
    { kind: 'camera', from: 'yellow', agencies: ['maintenance'], sop: 'camera', ladder: repairLadder, commander: true },
    { kind: 'blind', from: 'yellow', agencies: ['maintenance'], sop: 'blind', ladder: repairLadder, commander: true },
    { kind: 'outage', from: 'orange', agencies: ['maintenance'], sop: 'general' },
    { kind: 'help', from: 'orange', agencies: ['police'], sop: 'general' },
    { kind: 'other', from: 'orange', agencies: ['police'], sop: 'general' }
  ],
  cover: [
    { agency: 'police', units: 1 },
    { agency: 'operator', units: 1, from: '08:00', to: '20:00' }
  ],
  rules: {}
})
