/** How wide an element is on this screen, so that a drawing is drawn for it and its words stay readable on a phone. */
import { onBeforeUnmount, onMounted, type Ref, ref, type ShallowRef } from 'vue'

export const useWidth = (element: Readonly<ShallowRef<HTMLElement | null>>, least = 240): Ref<number> => {
  const width = ref(least)
  const observer = new ResizeObserver(([entry]) => {
    if (entry !== undefined) width.value = Math.max(least, Math.round(entry.contentRect.width))
  })
  onMounted(() => element.value && observer.observe(element.value))
  onBeforeUnmount(() => observer.disconnect())
  return width
}
