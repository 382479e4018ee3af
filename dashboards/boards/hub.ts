/** The box itself: is it quick, is everything kept, does the city hear it, do the cameras see. */
import { defineBoard, label, stationsVariable } from '../board.ts'
import { curve, figure, levelColours } from '../panels.ts'
import { series } from '../series.ts'

const where = { station: '$station' }
const legend = '{{station}}'
const { yellow, orange, red } = levelColours

export default defineBoard({
  uid: 'qianshao-hub',
  title: label('主机健康', 'hub health'),
  about: label(
    '主机自身每十秒一次的体检；没有数据就是失联。',
    'What the hub says of itself every ten seconds; no data means it is silent.'
  ),
  since: 'now-6h',
  variables: [stationsVariable()],
  panels: [
    figure({
      title: label('未落盘事件', 'events not yet on disk'),
      about: label('已告知人员但尚未写入磁盘；应为零。', 'Told to people but not yet written; should be zero.'),
      width: 6,
      limits: [{ from: 1, colour: red }],
      queries: [{ expr: series('hub', 'unpersisted', where), legend }]
    }),
    figure({
      title: label('在线摄像头', 'cameras live'),
      about: label('此刻有画面的摄像头数。', 'Cameras that deliver pictures now.'),
      width: 6,
      queries: [{ expr: series('hub', 'cameras_live', where), legend }]
    }),
    figure({
      title: label('上传滞后', 'behind the city'),
      about: label('市级平台比本站晚多少。', 'How much later the city knows.'),
      width: 6,
      unit: 's',
      limits: [
        { from: 60, colour: yellow },
        { from: 600, colour: red }
      ],
      queries: [{ expr: series('hub', 'behind_seconds', where), legend }]
    }),
    figure({
      title: label('每秒读数', 'readings per second'),
      about: label('五分钟平均。', 'Mean over five minutes.'),
      width: 6,
      unit: 'cps',
      queries: [{ expr: `rate(${series('hub', 'readings_total', where)}[5m])`, legend }]
    }),
    curve({
      title: label('事件循环延迟 p99', 'event loop lag p99'),
      about: label('主进程多晚才能响应；超过 100 毫秒应查原因。', 'How late the main process answers; above 100 ms look for the cause.'),
      unit: 'ms',
      limits: [
        { from: 100, colour: yellow },
        { from: 500, colour: red }
      ],
      queries: [{ expr: series('hub', 'loop_lag_ms', where), legend }]
    }),
    curve({
      title: label('内存占用', 'memory'),
      about: label('主进程常驻内存。', 'Resident memory of the main process.'),
      unit: 'bytes',
      queries: [{ expr: series('hub', 'rss_bytes', where), legend }]
    }),
    curve({
      title: label('待传记录', 'records waiting for the city'),
      about: label(
        '市级平台尚未确认的记录；断网时增长，恢复后应回落。',
        'Not yet confirmed by the city; grows while the line is down, must fall after.'
      ),
      queries: [{ expr: series('hub', 'backlog_records', where), legend }]
    }),
    curve({
      title: label('上传滞后变化', 'behind over time'),
      about: label('市级平台比本站晚多少秒。', 'How many seconds later the city knows.'),
      unit: 's',
      queries: [{ expr: series('hub', 'behind_seconds', where), legend }]
    }),
    curve({
      title: label('不可读与隔离消息', 'unreadable and quarantined messages'),
      about: label(
        '五分钟内增加数。不可读：内容不符档案；隔离：发到不属于自己的主题。',
        'Increase in five minutes. Unreadable: does not fit its profile. Quarantined: sent to a topic not its own.'
      ),
      limits: [{ from: 1, colour: orange }],
      queries: [
        { expr: `increase(${series('hub', 'unreadable_total', where)}[5m])`, legend: '{{station}} 不可读 unreadable' },
        { expr: `increase(${series('hub', 'quarantined_total', where)}[5m])`, legend: '{{station}} 隔离 quarantined' }
      ]
    }),
    curve({
      title: label('在线摄像头变化', 'cameras live over time'),
      about: label('下降即有摄像头失效。', 'A fall means a camera went blind.'),
      queries: [{ expr: series('hub', 'cameras_live', where), legend }]
    })
  ]
})
