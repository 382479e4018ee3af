/** What another station says in CAP, and all the ways of saying it wrong or meaning harm. */
import { type CapAlert, capXml } from '../../edge/domain/cap.ts'

const info = {
  category: ['Safety'],
  event: '求援',
  urgency: 'Immediate',
  severity: 'Extreme',
  certainty: 'Observed',
  senderName: '邻站',
  headline: '人手不够',
  description: '需要两组人',
  area: [{ areaDesc: '邻站 广场' }]
} as const
export const call = (more: Partial<CapAlert> = {}, about: object = {}): CapAlert => ({
  identifier: 'other.i-7.1',
  sender: 'other@qianshao.local',
  sent: '2026-11-24T16:00:00+08:00',
  status: 'Actual',
  msgType: 'Alert',
  scope: 'Restricted',
  restriction: 'joint duty',
  incidents: 'other/i-7',
  info: [{ ...info, ...about }],
  ...more
})
export const first = 'other@qianshao.local,other.i-7.1,2026-11-24T16:00:00+08:00'

export const good = capXml(call())
const without = (name: string): string => good.replace(new RegExp(`\\s*<${name}>[^<]*</${name}>`), '')
const laughs = `<!DOCTYPE lolz [<!ENTITY a "ha">${Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i} "${`&a${i || ''};`.repeat(10)}">`).join('')}]>`
export const bad: readonly [string, string | Uint8Array, RegExp][] = [
  [
    'an external entity',
    good.replace('?>', '?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>').replace('人手不够', '&e;'),
    /DOCTYPE/
  ],
  ['an external entity in lower case', `<!doctype x SYSTEM "http://127.0.0.1/x.dtd">${good.slice(39)}`, /DOCTYPE/],
  ['a parameter entity', good.replace('?>', '?><!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/p"> %p;]>'), /DOCTYPE/],
  ['a billion laughs', good.replace('?>', `?>${laughs}`).replace('人手不够', '&a9;'), /DOCTYPE/],
  ['an entity nobody declared', good.replace('人手不够', '&passwd;'), /entity &passwd;/],
  ['half an entity', good.replace('人手不够', 'a & b'), /syntax/],
  ['a character that XML cannot hold', good.replace('人手不够', '&#0;'), /entity &#0;/],
  ['nothing', '', /syntax/],
  ['words', 'help', /syntax/],
  ['JSON', '{"alert":1}', /syntax/],
  ['a document that stops', good.slice(0, -30), /syntax/],
  ['two documents in one', good + good.slice(39), /syntax/],
  ['elements that cross', good.replace('<scope>', '<scope><a>').replace('</scope>', '</scope></a>'), /syntax/],
  ['a hundred levels', good.replace('<scope>', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}<scope>`), /nested deeper than 12/],
  ['eight thousand levels', `${'<a>'.repeat(8000)}${'</a>'.repeat(8000)}`, /nested deeper than 12/],
  ['a name that poisons objects', good.replace('<scope>', '<__proto__>1</__proto__><scope>'), /syntax/],
  ['another encoding', good.replace('UTF-8', 'UTF-16'), /UTF-8/],
  ['bytes that are no text', Buffer.from([0x3c, 0xff, 0xfe, 0x3e]), /UTF-8/],
  ['CAP 1.1', good.replace('cap:1.2', 'cap:1.1'), /alert \(urn:oasis:names:tc:emergency:cap:1.2\) at its root/],
  ['no namespace', good.replace(/ xmlns="[^"]*"/, ''), /at its root/],
  ['another root', good.replaceAll('alert', 'alarm'), /at its root/],
  ...[
    'identifier',
    'sender',
    'sent',
    'status',
    'msgType',
    'scope',
    'restriction',
    'event',
    'urgency',
    'severity',
    'certainty',
    'category',
    'areaDesc'
  ].map((name): [string, string, RegExp] => [`no ${name}`, without(name), new RegExp(`${name} is missing`)]),
  ['an empty identifier', good.replace('other.i-7.1', ' '), /identifier is missing/],
  ['an identifier with a comma', good.replace('other.i-7.1', 'a,b'), /must not hold white space/],
  ['a sender with a space', good.replace('other@qianshao.local', 'a b'), /must not hold white space/],
  ['two senders', good.replace('<sent>', '<sender>x</sender><sent>'), /may hold one sender only/],
  ['UTC as Z', good.replace('+08:00', 'Z'), /without Z/],
  ['a time without its offset', good.replace('+08:00', ''), /without Z/],
  ['a thirteenth month', good.replace('2026-11', '2026-13'), /without Z/],
  ['an expiry as Z', good.replace('<headline>', '<expires>2026-11-24T16:00:00Z</expires><headline>'), /expires.*without Z/],
  ['a status of its own', good.replace('Actual', 'actual'), /status must be one of Actual, Exercise/],
  ['a msgType of its own', good.replace('>Alert<', '>Alarm<'), /msgType must be one of/],
  ['a severity of its own', good.replace('Extreme', 'red'), /info\[1\]\/severity must be one of/],
  ['a category of its own', good.replace('Safety', 'Crowd'), /category must be one of/],
  ['an Alert about nothing', good.replace(/<info>[\s\S]*<\/info>/, ''), /info is missing/],
  ['an Update of nothing', good.replace('>Alert<', '>Update<'), /references is missing/],
  ['an Ack that names nothing', capXml(call({ msgType: 'Ack', references: 'i-7' })), /sender,identifier,sent/]
]
