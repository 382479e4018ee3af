/** The station's own screens and phones on its own network: works without internet, and proves that a live screen of the unit has it. */
import { Type } from 'typebox'
import { troubles } from '../domain/words.ts'
import { defineChannel } from './channel.ts'

export default defineChannel({
  label: { 'zh-CN': '本站屏幕和手机', en: 'The station’s own screens' },
  says: {
    'zh-CN': '本站网络内打开的页面；显示和响铃由页面自己回执，不需要互联网。',
    en: 'Pages open on the station’s own network; they report themselves what was shown and heard, and need no internet.'
  },
  settings: Type.Object({}, { additionalProperties: false }),
  reach: 'station',
  proves: 'delivered',
  open: (_, { watching }) => ({
    send: async ({ to }) => {
      const there = watching()
      const names = to.filter(({ name }) => there.has(name)).length
      return names > 0 ? { receipt: 'delivered', note: `${names}` } : { failed: troubles.no_screen.en, retry: true }
    }
  })
})
