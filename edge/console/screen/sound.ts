/** Notes for what must be heard. Browsers are silent until a person has touched the page; the button says so. */
import { shallowRef } from 'vue'

const remembered = 'qianshao.sound'
export const soundOn = shallowRef(localStorage.getItem(remembered) !== 'off')
export const soundBlocked = shallowRef(false)
/** How often it rang, for the person who asks whether it did. */
export const rung = shallowRef(0)

let context: AudioContext | undefined

const opened = (): AudioContext => {
  if (context !== undefined) return context
  const made = new AudioContext()
  made.onstatechange = () => {
    soundBlocked.value = made.state !== 'running'
  }
  context = made
  return made
}

export const allowSound = async (): Promise<void> => {
  const to = opened()
  if (to.state === 'suspended') await to.resume()
  soundBlocked.value = to.state !== 'running'
}

export const setSound = (on: boolean): void => {
  soundOn.value = on
  localStorage.setItem(remembered, on ? 'on' : 'off')
  if (on) void allowSound()
}

/** Six notes for red, two for any other call. Resolves when the last has been played to its end: true when it really sounded. */
export const ring = (notes: number): Promise<boolean> => {
  rung.value++
  if (!soundOn.value) return Promise.resolve(false)
  const to = opened()
  soundBlocked.value = to.state !== 'running'
  const from = to.currentTime
  const tones = Array.from({ length: notes }, (_, i) => note(to, i % 2 === 0 ? 880 : 660, from + i * 0.28, 0.24))
  return new Promise(resolve => {
    const last = tones.at(-1)
    // While the browser keeps the page silent no note ends: this waits, and nobody says that it was heard.
    if (last !== undefined) last.onended = () => resolve(soundOn.value && to.state === 'running')
  })
}

const note = (to: AudioContext, hertz: number, at: number, seconds: number): OscillatorNode => {
  const tone = to.createOscillator()
  const volume = to.createGain()
  tone.frequency.value = hertz
  volume.gain.setValueAtTime(0.0001, at)
  volume.gain.exponentialRampToValueAtTime(0.4, at + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, at + seconds)
  tone.connect(volume).connect(to.destination)
  tone.start(at)
  tone.stop(at + seconds)
  return tone
}
