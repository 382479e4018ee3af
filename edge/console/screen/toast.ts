/** One line at the foot of the screen: what did not work, or what just came true. */
import { shallowRef } from 'vue'

export const toast = shallowRef<{ readonly text: string; readonly bad: boolean }>()
let timer: ReturnType<typeof setTimeout> | undefined

export const tell = (text: string, bad = false): void => {
  toast.value = { text, bad }
  clearTimeout(timer)
  timer = setTimeout(
    () => {
      toast.value = undefined
    },
    bad ? 8000 : 4000
  )
}
