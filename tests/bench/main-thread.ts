/** The reference of P15: the same model twice a second in the process that should hear alarms. */
import { pathToFileURL } from 'node:url'
import ort from 'onnxruntime-node'
import { openLateness } from './lateness.ts'

const [weights = '', width = '', height = ''] = process.argv.slice(2)
const session = await ort.InferenceSession.create(new URL(pathToFileURL(weights)).pathname, { intraOpNumThreads: 1, interOpNumThreads: 1 })
const frame = new ort.Tensor('uint8', new Uint8Array(Number(width) * Number(height) * 3).fill(90), [1, Number(height), Number(width), 3])
const seen = openLateness()
setInterval(() => void session.run({ frame }), 500)
process.on('message', () => process.send?.({ late: seen() }))
process.on('disconnect', () => process.exit(0))
