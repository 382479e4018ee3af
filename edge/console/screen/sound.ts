/** Two notes for a new red. Browsers are silent until a person has touched the page; the button says so. */
import { shallowRef } from 'vue'

const remembered = 'qianshao.sound'
export const soundOn = shallowRef(localStorage.getItem(remembered) !== 'off')
export const soundBlocked = shallowRef(false)
/** How often it rang, for the person who asks whether it did. */
export const rung = shallowRef(0)

let context: AudioContext | undefined

export const allowSound = async (): Promise<void> => {
  context ??= new AudioContext()
  if (context.state === 'suspended') await context.resume()
  soundBlocked.value = context.state !== 'running'
}

export const setSound = (on: boolean): void => {
  soundOn.value = on
  localStorage.setItem(remembered, on ? 'on' : 'off')
  if (on) void allowSound()
}

export const ring = (): void => {
  rung.value++
  if (!soundOn.value) return
  context ??= new AudioContext()
  soundBlocked.value = context.state !== 'running'
  const from = context.currentTime
  for (let i = 0; i < 6; i++) note(context, i % 2 === 0 ? 880 : 660, from + i * 0.28, 0.24)
}

const note = (to: AudioContext, hertz: number, at: number, seconds: number): void => {
  const tone = to.createOscillator()
  const volume = to.createGain()
  tone.frequency.value = hertz
  volume.gain.setValueAtTime(0.0001, at)
  volume.gain.exponentialRampToValueAtTime(0.4, at + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, at + seconds)
  tone.connect(volume).connect(to.destination)
  tone.start(at)
  tone.stop(at + seconds)
}
