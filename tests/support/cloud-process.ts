/** The cloud as a process of its own, so that it can be killed. */
import type { Test } from 'tap'
import { program } from './box.ts'
import { until } from './until.ts'

export type CloudProcess = {
  readonly mqttPort: number
  readonly httpPort: number
  readonly output: () => string
  readonly end: (signal: NodeJS.Signals) => Promise<number | string>
}

export const startCloud = async (t: Test, config: string): Promise<CloudProcess> => {
  const { child, output, end } = program('cloud', ['run', '--config', config])
  t.teardown(() => (child.exitCode === null && child.signalCode === null ? end('SIGKILL') : undefined))
  const ports = (): RegExpExecArray | null => /board https?:\/\/[^:]+:(\d+)\/, stations mqtts?:\/\/[^:]+:(\d+)/.exec(output())
  await until(() => ports() !== null || child.exitCode !== null, 'the cloud listens', 30_000)
  const [, http, mqtt] = ports() ?? []
  if (http === undefined || mqtt === undefined) throw new Error(`the cloud ended before it listened: ${output()}`)
  return { httpPort: Number(http), mqttPort: Number(mqtt), output, end }
}

export const cloudYaml = (station: string, more = ''): string => `state_dir: ./state
http: { port: 0 }
mqtt: { port: 0 }
stations:
  - { id: ${station}, password_file: secret }
users:
  - { name: city-1, password_file: secret }
${more}`
