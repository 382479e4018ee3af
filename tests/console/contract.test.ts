import Fastify from 'fastify'
import t from 'tap'
import { refuseUndecidedRoutes } from '../../edge/console/app.ts'
import { may, policy } from '../../edge/console/policy.ts'
import { type Role, roles } from '../../edge/domain/vocabulary.ts'
import type { Who } from '../../edge/ports.ts'
import { openTestConsole } from '../support/open-console.ts'

const asPath = (route: string): string => route.replace(/:(\w+)/g, '{$1}')
type Operation = { summary?: string; parameters?: { name: string; in: string }[]; responses: object }
type Document = {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { securitySchemes: object }
  security: object[]
}
const hidden = ['GET /', 'GET /assets/*']

t.test('the OpenAPI document names every route that exists, and no other', async t => {
  const { console } = await openTestConsole(t)
  const document = (await (await fetch(`${console.url}/openapi.json`)).json()) as Document
  t.equal(document.openapi, '3.1.0')
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`)
  )
  t.strictSame(
    documented.sort(),
    Object.keys(policy)
      .filter(route => !hidden.includes(route))
      .map(asPath)
      .sort()
  )
  const known = new Set(Object.keys(document.components.securitySchemes))
  for (const requirement of document.security) for (const name of Object.keys(requirement)) t.ok(known.has(name))
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      t.ok(operation.summary, `${method} ${path} says what it is for`)
      t.ok(Object.keys(operation.responses).length > 0)
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      t.strictSame(
        (operation.parameters ?? []).filter(({ in: where }) => where === 'path').map(({ name }) => name),
        named
      )
    }
  t.notMatch(JSON.stringify(document), /"\$ref"|undefined/, 'it stands alone')
})

t.test('a route that nobody decided about stops the start, by name', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  refuseUndecidedRoutes(app as never)
  app.get('/api/zones', async () => [])
  t.throws(() => app.get('/api/secrets', async () => []), /GET \/api\/secrets has no entry in edge\/console\/policy\.ts/)
})

t.test('who may do what is this table, and nothing else [R12]', async t => {
  const person = (role: Role): Who => ({ name: role, agency: undefined, roles: [role], units: [], machine: false, scopes: [] })
  const machine = (scope: string): Who => ({
    name: scope,
    agency: undefined,
    roles: ['duty_commander'],
    units: [],
    machine: true,
    scopes: [scope]
  })
  const everyone = Object.keys(roles) as Role[]
  const writes = Object.keys(policy).filter(route => !route.startsWith('GET ') && !route.endsWith('/api/session'))
  for (const route of writes) {
    const allowed = policy[route]
    if (allowed === undefined) throw new Error(route)
    for (const role of ['auditor', 'engineer', 'city_operator'] as const) t.notOk(may(person(role), allowed), `${role} never does ${route}`)
    t.notOk(may(machine('read'), allowed), `a reading machine never does ${route}, whatever roles it claims`)
  }
  for (const [route, allowed] of Object.entries(policy))
    if (allowed !== 'everyone') t.notOk(may({ ...person('officer'), roles: [] }, allowed), `nobody without a role does ${route}`)
  const whoMay = (route: string): string[] => everyone.filter(role => may(person(role), policy[route] ?? { roles: [] }))
  t.strictSame(whoMay('GET /api/audit'), ['duty_commander', 'auditor'])
  t.strictSame(whoMay('POST /api/devices'), ['duty_commander', 'installer'])
  t.strictSame(whoMay('GET /api/cameras/:id/still'), ['duty_commander', 'officer'])
})

t.test('without a sign-in every route but the open ones answers 401, and without the role 403', async t => {
  const { as } = await openTestConsole(t)
  const [anyone, auditor] = [await as(), await as('auditor')]
  for (const [route, allowed] of Object.entries(policy)) {
    if (allowed === 'everyone') continue
    const [method = '', path = ''] = route.split(' ')
    const address = path.replace(/:\w+/g, 'x')
    const answer = await anyone(method, address, method === 'POST' ? {} : undefined)
    t.equal(answer.status, 401, route)
    t.equal(answer.json.code, 'not_signed_in', route)
    if (!allowed.roles.includes('auditor')) t.equal((await auditor(method, address, method === 'POST' ? {} : undefined)).status, 403, route)
  }
})

t.test('a browser is told what it may load, on every answer [R10]', async t => {
  const { as } = await openTestConsole(t)
  const wang = await as('wang')
  for (const path of ['/', '/api/me', '/api/nothing', '/metrics', '/openapi.json']) {
    const { headers } = await wang('GET', path)
    t.match(headers.get('content-security-policy'), /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/, path)
    t.notMatch(headers.get('content-security-policy'), /unsafe-inline|unsafe-eval|\*/, path)
    t.equal(headers.get('x-content-type-options'), 'nosniff', path)
  }
})
