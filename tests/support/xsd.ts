import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { data } from './data.ts'

/** Validates many documents by the OASIS schema in one run of xmllint; answers what it said against them, or nothing. */
export const capFaults = (dir: string, documents: readonly string[]): string => {
  const schema = data('standards/cap12.xsd')
  if (schema === undefined) throw new Error('the schema of CAP 1.2 is not here')
  const files = documents.map((document, i) => {
    const file = `${dir}/${i}.xml`
    writeFileSync(file, document)
    return file
  })
  const { status, stderr } = spawnSync('xmllint', ['--nonet', '--noout', '--schema', schema, ...files], { encoding: 'utf8' })
  return status === 0
    ? ''
    : stderr
        .split('\n')
        .filter(line => !line.endsWith(' validates'))
        .join('\n')
}
