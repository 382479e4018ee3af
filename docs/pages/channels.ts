/** Every way to reach people: what it needs, how far it reaches, the most it can prove, and each of its settings. */
import type { Receipt } from '../../edge/domain/delivery.ts'
import { receiptWords } from '../../edge/domain/timeline-words.ts'
import { loadFolder } from '../../edge/load.ts'
import type { Channel } from '../../edge/notify/channel.ts'
import { channelsZh } from './channels-zh.ts'
import { keysOf, keysTable, type Schema } from './config.ts'
import { both, code, type Page, text } from './page.ts'

const channels = await loadFolder<Channel>(new URL('../../edge/notify/', import.meta.url), ['channel', 'notifier', 'post'])
const settingsOf = ({ settings }: Channel): Schema => settings as unknown as Schema

export const channelsPage: Page = locale => {
  const proves = (receipt: Receipt): string => receiptWords[receipt][locale]
  return text(
    `# ${both('通知渠道', 'Channels')[locale]}`,
    both(
      '每个渠道是 `edge/notify/` 里的一个文件。在 station.yaml 的 `channels` 下写：`{ id, type, settings }`，`type` 是下面的名称，`settings` 是它的设置；`agencies`、`units`、`from`、`quiet` 决定何时、对谁使用。本站屏幕和手机不必写，总在。红色警情不受安静时段限制；演练不出本站屏幕。',
      'Each channel is one file in `edge/notify/`. In station.yaml, under `channels`, write `{ id, type, settings }`: `type` is the name below, `settings` are its own; `agencies`, `units`, `from` and `quiet` say for whom and when. The station’s own screens and phones need not be written, they are always there. Quiet hours never hold back red; an exercise never leaves the station’s own screens.'
    )[locale],
    ...[...channels].flatMap(([name, channel]) => {
      const keys = keysOf(settingsOf(channel))
      const reach = channel.reach === 'station' ? both('本站之内', 'within the station') : both('站外', 'beyond the station')
      return [
        `## ${code(name)} ${channel.label[locale]}`,
        channel.says[locale],
        both(
          `范围：${reach['zh-CN']}。最多能证明：${proves(channel.proves)}。`,
          `Reach: ${reach.en}. The most it can prove: ${proves(channel.proves)}.`
        )[locale],
        keys.length === 0 ? '' : keysTable(keys, channelsZh[name] ?? {}, locale)
      ]
    })
  )
}

/** Settings that a reader of Chinese would meet in English, and Chinese of settings that are gone. */
export const untranslatedChannels = (): readonly string[] => {
  const keys = new Set([...channels].flatMap(([name, channel]) => keysOf(settingsOf(channel)).map(({ path }) => `${name} ${path}`)))
  const zh = new Set(Object.entries(channelsZh).flatMap(([name, words]) => Object.keys(words).map(path => `${name} ${path}`)))
  return [...[...keys].filter(key => !zh.has(key)), ...[...zh].filter(key => !keys.has(key)).map(key => `${key} is no setting`)]
}
