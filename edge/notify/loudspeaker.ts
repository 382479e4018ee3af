/**
 * The call, spoken in the station: a text-to-speech program makes the sound, a player plays it. The words go in by standard input,
 * never by the command line, where every program of the machine could read them.
 */
import { Type } from 'typebox'
import { type Locale, rank } from '../domain/vocabulary.ts'
import { troubles } from '../domain/words.ts'
import { defineChannel, type Message, type Sent } from './channel.ts'
import { type Command, isThere, type Ran, run } from './common/program.ts'

const Program = (title: string, description: string, program: string, args: readonly string[]) =>
  Type.Object(
    {
      program: Type.String({ title: 'Program', description: 'a name on the path, or a file', minLength: 1, examples: [program] }),
      arguments: Type.Array(Type.String(), {
        title: 'Arguments',
        description: 'given without a shell; {voice} becomes the voice of the language',
        default: [],
        examples: [[...args]]
      })
    },
    {
      title,
      description,
      default: { program, arguments: [...args] },
      examples: [{ program, arguments: [...args] }],
      additionalProperties: false
    }
  )
// Not `cmn`: in Debian 12's espeak-ng 1.51 that voice reads the tones aloud as English numbers, “yi one hao four”.
const usual_voices = { 'zh-CN': 'cmn-latn-pinyin', en: 'en' }
const render_ms = 15_000
const play_ms = 30_000
/** A header and not a single sample. */
const empty_wav_bytes = 100

export default defineChannel({
  label: { 'zh-CN': '扬声器播报', en: 'Loudspeaker' },
  says: {
    'zh-CN': '在站内播报警情，最紧急的先播；需要语音合成程序（如 espeak-ng）和播放程序（如 aplay、pw-play）。',
    en: 'Speaks the call in the station, the gravest first; needs a text-to-speech program (espeak-ng) and a player (aplay, pw-play).'
  },
  settings: Type.Object(
    {
      voice: Program('The voice', 'makes WAV on its standard output of the text on its standard input', 'espeak-ng', [
        '-v',
        '{voice}',
        '-s',
        '200',
        '--stdin',
        '--stdout'
      ]),
      plays_itself: Type.Boolean({
        title: 'The voice plays the sound itself',
        description: 'and no player is used',
        default: false,
        examples: [false]
      }),
      player: Program('The player', 'plays WAV from its standard input', 'aplay', ['-q', '-']),
      languages: Type.Array(Type.Union([Type.Literal('zh-CN'), Type.Literal('en')]), {
        title: 'Languages',
        description: 'said in this order',
        default: ['zh-CN'],
        minItems: 1,
        maxItems: 2,
        examples: [['zh-CN', 'en']]
      }),
      voices: Type.Object(
        {
          'zh-CN': Type.String({
            title: 'Chinese voice',
            description: 'as the program names it',
            default: usual_voices['zh-CN'],
            examples: [usual_voices['zh-CN']]
          }),
          en: Type.String({
            title: 'English voice',
            description: 'as the program names it',
            default: usual_voices.en,
            examples: [usual_voices.en]
          })
        },
        {
          title: 'Names of the voices',
          description: 'what {voice} becomes in each language',
          default: usual_voices,
          examples: [usual_voices],
          additionalProperties: false
        }
      ),
      times: Type.Integer({
        title: 'How often it is said',
        description: 'one after the other, in one message',
        default: 2,
        minimum: 1,
        maximum: 5,
        examples: [2]
      })
    },
    { additionalProperties: false }
  ),
  public: 'speech',
  reach: 'station',
  // The player has played it to its end. Whether anybody was there to hear it, no loudspeaker knows.
  proves: 'sent',
  open: settings => {
    const { voice, player, plays_itself } = settings
    const waiting: Turn[] = []
    let speaking = false

    const next = async (): Promise<void> => {
      if (speaking) return
      // One voice at a time, two at once are none; of those that wait the gravest, of those the newest.
      waiting.sort((a, b) => rank(b.message.severity) - rank(a.message.severity) || b.message.at - a.message.at)
      const turn = waiting.shift()
      if (turn === undefined) return
      speaking = true
      turn.end(turn.signal.aborted ? { failed: troubles.speaker_busy.en, retry: true } : await speak(settings, turn))
      speaking = false
      void next()
    }

    return {
      in_public: true,
      // Those behind the one who speaks wait here, because here the order among them is decided.
      at_once: 16,
      within_s: 120,
      send: (message, signal) =>
        new Promise<Sent>(resolve => {
          const leave = (): void => {
            const place = waiting.indexOf(turn)
            if (place < 0) return
            waiting.splice(place, 1)
            turn.end({ failed: troubles.speaker_busy.en, retry: true })
          }
          const end = (sent: Sent): void => {
            signal.removeEventListener('abort', leave)
            resolve(sent)
          }
          const turn: Turn = { message, signal, end }
          signal.addEventListener('abort', leave, { once: true })
          waiting.push(turn)
          void next()
        }),
      well: async () => {
        if (!(await isThere(voice.program))) return troubles.no_speech_program.en
        return plays_itself || (await isThere(player.program)) ? undefined : troubles.no_player.en
      }
    }
  }
})

type Turn = { readonly message: Message; readonly signal: AbortSignal; readonly end: (sent: Sent) => void }
type Speaking = {
  readonly voice: Command
  readonly player: Command
  readonly plays_itself: boolean
  readonly languages: readonly Locale[]
  readonly voices: Readonly<Record<Locale, string>>
  readonly times: number
}

/** Never throws. */
const speak = async ({ voice, player, plays_itself, languages, voices, times }: Speaking, { message, signal }: Turn): Promise<Sent> => {
  const sounds: Buffer[] = []
  const say = (language: Locale, within_ms: number): Promise<Ran> => {
    const command = { ...voice, arguments: voice.arguments.map(word => word.replaceAll('{voice}', voices[language])) }
    return run(command, Buffer.from(`${message.speech[language]}\n`), signal, within_ms)
  }
  if (!plays_itself) {
    for (const language of languages) {
      const ran = await say(language, render_ms)
      if ('failed' in ran) return voiceFailed(ran.failed)
      if (ran.output.length < empty_wav_bytes) return { failed: troubles.no_sound.en, retry: false }
      sounds.push(ran.output)
    }
  }
  for (let time = 0; time < times; time++) {
    for (const [i, language] of languages.entries()) {
      const sound = sounds[i]
      const ran = sound === undefined ? await say(language, play_ms) : await run(player, sound, signal, play_ms)
      if ('output' in ran) continue
      if (sound === undefined) return voiceFailed(ran.failed)
      return ran.failed === 'missing' ? { failed: troubles.no_player.en, retry: false } : { failed: troubles.player_failed.en, retry: true }
    }
  }
  return { receipt: 'sent' }
}

const voiceFailed = (failed: 'missing' | 'ended' | 'too_long'): Sent =>
  failed === 'missing' ? { failed: troubles.no_speech_program.en, retry: false } : { failed: troubles.speech_failed.en, retry: true }
