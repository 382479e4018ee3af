import { defineTemplate, repairLadder, usualLadder } from './template.ts'

export default defineTemplate({
  label: { 'zh-CN': '商业街', en: 'shopping street' },
  agencies: [
    'police',
    'traffic_police',
    'city_management',
    'market_regulation',
    'operator',
    'fire',
    'medical',
    'guard',
    'grid',
    'maintenance'
  ],
  uses: ['walkway', 'queue', 'stairs', 'viewing', 'waiting'],
  expects: { walkway: ['smoke_alarm', 'gas_alarm', 'people_count'] },
  ladder: usualLadder,
  cards: [
    { kind: 'crowd', from: 'orange', agencies: ['police', 'operator', 'city_management'], sop: 'crowd' },
    { kind: 'crowd', from: 'red', agencies: ['police', 'operator', 'city_management', 'traffic_police', 'medical', 'guard'], sop: 'crowd' },
    // Stalls cook with bottled gas: who keeps the row of stalls is asked with the fire service.
    { kind: 'fire', from: 'orange', agencies: ['police', 'fire', 'city_management', 'grid'], sop: 'fire' },
    { kind: 'gas', from: 'orange', agencies: ['police', 'fire', 'city_management', 'grid'], sop: 'gas' },
    { kind: 'panic', from: 'yellow', agencies: ['police', 'guard'], sop: 'panic', pair: true },
    { kind: 'fight', from: 'orange', agencies: ['police', 'guard'], sop: 'general' },
    { kind: 'collapse', from: 'orange', agencies: ['medical', 'guard'], sop: 'general' },
    { kind: 'water', from: 'yellow', agencies: ['operator'], sop: 'general' },
    { kind: 'lost_child', from: 'yellow', agencies: ['police', 'guard', 'operator'], sop: 'search', everyone: true, sweep_s: 300 },
    { kind: 'dispute', from: 'yellow', agencies: ['market_regulation'], sop: 'general' },
    { kind: 'camera', from: 'yellow', agencies: ['maintenance'], sop: 'camera', ladder: repairLadder, commander: true },
    { kind: 'blind', from: 'yellow', agencies: ['maintenance'], sop: 'blind', ladder: repairLadder, commander: true },
    { kind: 'outage', from: 'orange', agencies: ['maintenance'], sop: 'general' },
    { kind: 'help', from: 'orange', agencies: ['police'], sop: 'general' },
    { kind: 'other', from: 'orange', agencies: ['police'], sop: 'general' }
  ],
  cover: [{ agency: 'police', units: 1 }],
  rules: {}
})
