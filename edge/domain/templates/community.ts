import { defineTemplate, repairLadder, usualLadder } from './template.ts'

export default defineTemplate({
  label: { 'zh-CN': '社区', en: 'community' },
  agencies: ['police', 'fire', 'medical', 'grid', 'property', 'city_management', 'judicial', 'maintenance'],
  uses: ['walkway', 'stairs', 'waiting', 'viewing'],
  expects: { walkway: ['smoke_alarm'], waiting: ['smoke_alarm', 'button_pressed'] },
  ladder: {
    enough: 'each_agency',
    rungs: [
      { ask: 'on_duty', within_s: 30 },
      { ask: 'backup', within_s: 60 },
      { ask: 'commander', within_s: 60 },
      { ask: 'city', within_s: 120 }
    ]
  },
  cards: [
    { kind: 'crowd', from: 'orange', agencies: ['police', 'grid', 'property'], sop: 'crowd' },
    { kind: 'fire', from: 'orange', agencies: ['police', 'fire', 'property'], sop: 'fire', ladder: usualLadder },
    { kind: 'gas', from: 'orange', agencies: ['police', 'fire', 'property'], sop: 'gas', ladder: usualLadder },
    { kind: 'panic', from: 'yellow', agencies: ['police', 'property'], sop: 'panic', ladder: usualLadder, pair: true },
    { kind: 'fight', from: 'orange', agencies: ['police', 'property'], sop: 'general', ladder: usualLadder },
    { kind: 'collapse', from: 'orange', agencies: ['medical', 'property'], sop: 'general', ladder: usualLadder },
    { kind: 'water', from: 'yellow', agencies: ['property'], sop: 'general' },
    { kind: 'lost_child', from: 'yellow', agencies: ['police', 'grid', 'property'], sop: 'search', everyone: true, sweep_s: 600 },
    { kind: 'dispute', from: 'yellow', agencies: ['judicial', 'grid'], sop: 'general' },
    { kind: 'camera', from: 'yellow', agencies: ['maintenance'], sop: 'camera', ladder: repairLadder, commander: true },
    { kind: 'blind', from: 'yellow', agencies: ['maintenance'], sop: 'blind', ladder: repairLadder, commander: true },
    { kind: 'outage', from: 'orange', agencies: ['maintenance'], sop: 'general' },
    { kind: 'help', from: 'orange', agencies: ['police'], sop: 'general' },
    { kind: 'other', from: 'orange', agencies: ['police'], sop: 'general' }
  ],
  cover: [{ agency: 'police', units: 1 }],
  // A square of a housing estate is calm: the first sign is shown earlier than in a hub.
  rules: { 'crowd-density': { from: 'blue' } }
})
