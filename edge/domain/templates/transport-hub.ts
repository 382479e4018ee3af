import { defineTemplate, repairLadder, usualLadder } from './template.ts'

export default defineTemplate({
  label: { 'zh-CN': '交通枢纽', en: 'transport hub' },
  agencies: ['police', 'traffic_police', 'operator', 'fire', 'medical', 'guard', 'volunteer', 'city_management', 'maintenance'],
  uses: ['platform', 'walkway', 'stairs', 'queue', 'waiting'],
  expects: {
    platform: ['smoke_alarm', 'button_pressed', 'people_count'],
    stairs: ['people_count'],
    queue: ['people_count'],
    waiting: ['smoke_alarm', 'people_count']
  },
  ladder: usualLadder,
  cards: [
    { kind: 'crowd', from: 'orange', agencies: ['police', 'operator'], sop: 'crowd' },
    { kind: 'crowd', from: 'red', agencies: ['police', 'traffic_police', 'operator', 'medical', 'guard', 'volunteer'], sop: 'crowd' },
    { kind: 'fire', from: 'orange', agencies: ['police', 'fire'], sop: 'fire' },
    { kind: 'gas', from: 'orange', agencies: ['police', 'fire'], sop: 'gas' },
    { kind: 'panic', from: 'yellow', agencies: ['police', 'guard'], sop: 'panic', pair: true },
    { kind: 'fight', from: 'orange', agencies: ['police', 'guard'], sop: 'general' },
    { kind: 'collapse', from: 'orange', agencies: ['medical', 'operator'], sop: 'general' },
    { kind: 'water', from: 'yellow', agencies: ['operator'], sop: 'general' },
    { kind: 'camera', from: 'yellow', agencies: ['maintenance'], sop: 'camera', ladder: repairLadder, commander: true },
    { kind: 'blind', from: 'yellow', agencies: ['maintenance'], sop: 'blind', ladder: repairLadder, commander: true },
    { kind: 'outage', from: 'orange', agencies: ['maintenance'], sop: 'general' },
    { kind: 'help', from: 'orange', agencies: ['police'], sop: 'general' },
    { kind: 'other', from: 'orange', agencies: ['police'], sop: 'general' },
    {
      kind: 'lost_child',
      from: 'yellow',
      agencies: ['police', 'operator', 'guard', 'volunteer'],
      sop: 'search',
      everyone: true,
      sweep_s: 300
    },
    { kind: 'dispute', from: 'yellow', agencies: ['police'], sop: 'general' }
  ],
  cover: [
    { agency: 'police', units: 1 },
    { agency: 'operator', units: 1, from: '05:30', to: '24:00' }
  ],
  rules: {}
})
