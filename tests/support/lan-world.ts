/** The world beyond the station's network: takes what is posted to it, and says on its standard output what it got. */
import { createServer } from 'node:http'

const server = createServer((request, reply) => {
  let body = ''
  request.on('data', chunk => (body += chunk))
  request.on('end', () => {
    process.stdout.write(`${JSON.stringify({ at: Date.now(), body: JSON.parse(body) })}\n`)
    reply.writeHead(204).end()
  })
})
server.listen(Number(process.argv[2]), '0.0.0.0', () => process.stdout.write('{"listening":true}\n'))
