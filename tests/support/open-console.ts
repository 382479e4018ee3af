/** A console on a free port over the fake desk, and a client that signs in and remembers its cookie. */
import type { Test } from 'tap'
import { type Console, type ConsoleOptions, openConsole } from '../../edge/console/app.ts'
import type { Sop } from '../../edge/domain/sops/sop.ts'
import { loadFolder } from '../../edge/load.ts'
import type { Clock } from '../../edge/ports.ts'
import { type FakeDesk, openFakeDesk } from './fake-desk.ts'
import { password, tokens, who } from './fake-people.ts'

export type Client = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came back
export type Answer = { status: number; headers: Headers; json: any; text: string; cookie: string }

export const openTestConsole = async (
  t: Test,
  options: Partial<ConsoleOptions> & { readonly clock?: Clock } = {}
): Promise<{ desk: FakeDesk; console: Console; as: (name?: string) => Promise<Client> }> => {
  const { clock, ...rest } = options
  const desk = openFakeDesk(clock)
  const sops = await loadFolder<Sop>(new URL('../../edge/domain/sops/', import.meta.url), ['sop'])
  const console = await openConsole({
    desk,
    host: '127.0.0.1',
    port: 0,
    who,
    sops,
    checkUser: async (name, given) => who(name) !== undefined && given === password,
    checkToken: async token => tokens[token],
    ...rest
  })
  t.teardown(async () => {
    desk.close()
    await console.close()
  })
  const as = async (name?: string): Promise<Client> => {
    let cookie = ''
    const client: Client = async (method, path, body, headers = {}) => {
      const answer = await fetch(`${console.url}${path}`, {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(cookie !== '' && { cookie }),
          ...(name !== undefined && tokens[name] !== undefined && { authorization: `Bearer ${name}` }),
          ...headers
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) })
      })
      const text = await answer.text()
      return {
        status: answer.status,
        headers: answer.headers,
        text,
        cookie,
        json: /json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined
      }
    }
    if (name === undefined || tokens[name] !== undefined) return client
    const signedIn = await client('POST', '/api/session', { name, password })
    if (signedIn.status !== 200) throw new Error(`${name} could not sign in: ${signedIn.text}`)
    cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    return client
  }
  return { desk, console, as }
}
