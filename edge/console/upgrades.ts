/**
 * The live view alone is spoken over WebSocket. As soon as anything listens for upgrades, Node hands over every request that offers
 * one, without its body: Java's HttpClient offers h2c with each, and they would all have ended in a refusal. So what is not for the
 * live view is put back in front of the connection without the offer, and served as it always was.
 */
import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { WebsocketPluginOptions } from '@fastify/websocket'

const forLiveView = /^\/api\/cameras\/[^/?]+\/live(\?|$)/

/** Viewers say nothing, and pictures are compressed already. */
const quiet = { maxPayload: 1024, perMessageDeflate: false }

/** Settings of the WebSocket plugin, which listens to our choice of upgrades in place of the server; `close` ends what is open. */
export const socketsOf = (server: Server, close: () => void): WebsocketPluginOptions => ({
  options: { ...quiet, server: upgradesOf(server) as Server },
  preClose: done => {
    close()
    done()
  }
})

const upgradesOf = (server: Server): EventEmitter => {
  const upgrades = new EventEmitter()
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket' && forLiveView.test(request.url ?? ''))
      upgrades.emit('upgrade', request, socket, head)
    else putBack(server, request, socket, head)
  })
  return upgrades
}

const putBack = (server: Server, { method, url, httpVersion, rawHeaders }: IncomingMessage, socket: Socket, head: Buffer): void => {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!/^(upgrade|http2-settings|connection)$/i.test(rawHeaders[i] ?? '')) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  // Node parsed these headers, so no value holds the end of a line.
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket)
}
