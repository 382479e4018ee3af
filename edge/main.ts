#!/usr/bin/env node
/** qianshao-edge: the station's commands. Exit 0 fine, 1 the check or run failed, 2 usage or configuration. */
import { parseArgs } from 'node:util'
import { backup, restore } from './commands/backup.ts'
import { check } from './commands/check.ts'
import { exportLines } from './commands/export.ts'
import { deviceEnrol, userAdd } from './commands/people.ts'
import { replay } from './commands/replay.ts'
import { run } from './commands/run.ts'
import { verify } from './commands/verify.ts'
import { SettingsError } from './settings.ts'

const usage = `qianshao-edge <command>

  run      --config station.yaml [--pretty]      the station 启动站点
  check    --config station.yaml                 try everything the file names 检查配置
  replay   SCENARIO.yaml [--speed N] [--json]    play a recorded scenario 回放场景
  replay   RECORDING --config F [--camera ID] [--truth F] [--truth-fps N] [--fps N] [--model NAME] [--scenes F] [--json]
                                                 count a video and play it 回放录像
  replay   LINES.jsonl|STATE --config F [--from T] [--to T] [--json]
                                                 play what was seen and heard 回放读数
  export   --state DIR [--from T] [--to T]       readings of a station, as lines for replay 导出读数
  verify   --state DIR                           recompute the journal's chain 校验日志链
  verify   --bundle FILE [--key FILE]            check a sealed hand-over 校验移交包
  backup   --state DIR --to NEWDIR               copy the journal while it runs 备份
  restore  --from DIR --state NEWDIR             put a backup into an empty state folder 恢复
  user add NAME --config station.yaml [--password-file F]       set a password (else asked for) 设置口令
  device enrol ID --config station.yaml          make a device's password, shown once 登记设备
`

const commands: Readonly<Record<string, (args: Args) => Promise<number>>> = {
  run,
  check,
  replay,
  export: exportLines,
  verify,
  backup,
  restore,
  'user add': userAdd,
  'device enrol': deviceEnrol
}

export type Args = { readonly words: readonly string[]; readonly options: Readonly<Record<string, string | boolean | undefined>> }

const read = (): Args => {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: text,
      state: text,
      to: text,
      from: text,
      camera: text,
      truth: text,
      'truth-fps': text,
      fps: text,
      model: text,
      scenes: text,
      speed: text,
      bundle: text,
      key: text,
      'password-file': text,
      pretty: flag,
      json: flag,
      help: flag
    }
  })
  return { words: positionals, options: values }
}

const main = async (): Promise<number> => {
  let args: Args
  try {
    args = read()
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`)
    return 2
  }
  const [first = '', second = ''] = args.words
  const name = commands[first] ? first : `${first} ${second}`
  const command = commands[name]
  if (args.options.help || command === undefined) {
    process.stderr.write(first === '' || args.options.help ? usage : `there is no command "${args.words.join(' ')}"\n\n${usage}`)
    return args.options.help ? 0 : 2
  }
  try {
    return await command({ ...args, words: args.words.slice(name.split(' ').length) })
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return error instanceof SettingsError ? 2 : 1
  }
}

// `replay … | head` ends our reader before us: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.exitCode = await main()
