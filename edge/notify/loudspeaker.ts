/**
 * The call, spoken in the station: a text-to-speech program makes the sound, a player plays it. The words go in by standard input,
 * never by the command line, where every program of the machine could read them.
 */
import { spawn } from 'node:child_process'
import { Type } from 'typebox'
import { defineChannel, type Sent } from './channel.ts'

const Program = (title: string, program: string, args: readonly string[]) =>
  Type.Object(
    {
      program: Type.String({ title: 'Program', minLength: 1 }),
      arguments: Type.Array(Type.String(), { title: 'Arguments', default: [] })
    },
    { title, default: { program, arguments: [...args] }, additionalProperties: false }
  )
const longest_ms = 20_000
const most_sound_bytes = 20 * 2 ** 20

export default defineChannel({
  label: { 'zh-CN': '扬声器播报', en: 'Loudspeaker' },
  says: {
    'zh-CN': '在站内播报警情；需要语音合成程序（如 espeak-ng）和播放程序（如 aplay）。',
    en: 'Speaks the call in the station; needs a text-to-speech program (espeak-ng) and a player (aplay).'
  },
  settings: Type.Object(
    {
      voice: Program('Makes WAV on its standard output of the text on its standard input', 'espeak-ng', [
        '-v',
        'cmn',
        '--stdin',
        '--stdout'
      ]),
      player: Program('Plays WAV from its standard input', 'aplay', ['-q', '-']),
      times: Type.Integer({ title: 'How often it is said', default: 2, minimum: 1, maximum: 5 })
    },
    { additionalProperties: false }
  ),
  reach: 'station',
  proves: 'sent',
  open: ({ voice, player, times }, { station }) => {
    let speaking: Promise<unknown> = Promise.resolve()
    return {
      send: ({ speech, occasion }, signal): Promise<Sent> => {
        if (occasion === 'over') return Promise.resolve({ receipt: 'sent' })
        // One voice at a time: two at once are none.
        const turn = speaking.then(() => speak(voice, player, Array(times).fill(speech[station.locale]).join('。\n'), signal))
        speaking = turn
        return turn
      }
    }
  }
})

type Command = { readonly program: string; readonly arguments: readonly string[] }

const speak = async (voice: Command, player: Command, text: string, signal: AbortSignal): Promise<Sent> => {
  const sound = await piped(voice, Buffer.from(text), signal)
  if ('failed' in sound) return sound
  if (sound.output.length < 100) return { failed: `${voice.program} made no sound`, retry: false }
  const played = await piped(player, sound.output, signal)
  return 'failed' in played ? played : { receipt: 'sent' }
}

type Piped = { readonly output: Buffer } | Extract<Sent, { failed: string }>

/** Runs a program without a shell and without our environment, from bytes to bytes; it is ended when the time is over. */
const piped = ({ program, arguments: args }: Command, input: Buffer, signal: AbortSignal): Promise<Piped> =>
  new Promise(resolve => {
    const child = spawn(program, [...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH ?? '' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(longest_ms)]),
      killSignal: 'SIGKILL'
    })
    const parts: Buffer[] = []
    let bytes = 0
    child.stdout.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes <= most_sound_bytes) parts.push(part)
    })
    // A player that ends early closes the pipe; its exit code says what came of it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ failed: `${program}: ${error.code ?? error.name}`, retry: error.code !== 'ENOENT' })
    )
    child.on('close', code =>
      resolve(code === 0 ? { output: Buffer.concat(parts) } : { failed: `${program} ended with ${code ?? 'a signal'}`, retry: true })
    )
  })
