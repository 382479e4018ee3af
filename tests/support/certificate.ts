/** A certificate for 127.0.0.1 that nobody but the test trusts. Needs openssl. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

export const certificate = (dir: string): { readonly key: string; readonly cert: string } => {
  const [key_file, cert_file] = [`${dir}/key.pem`, `${dir}/cert.pem`]
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  const files = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key_file, '-out', cert_file]
  execFileSync('openssl', ['req', '-x509', ...ec, ...files], { stdio: 'ignore' })
  return { key: readFileSync(key_file, 'utf8'), cert: readFileSync(cert_file, 'utf8') }
}

/** An authority of the test's own, with what it has signed for a server and for devices. */
export const authority = (dir: string) => {
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'ignore', cwd: dir })
  const issued = new Map<string, number>()
  openssl('req', '-x509', ...ec, '-days', '2', '-subj', '/CN=test authority', '-keyout', 'ca.key', '-out', 'ca.pem')
  const sign = (name: string, extension: string): { cert_file: string; key_file: string } => {
    const [key_file, cert_file] = [`${name}.key`, `${name}.pem`]
    writeFileSync(`${dir}/${name}.ext`, extension)
    openssl('req', ...ec, '-subj', `/CN=${name}`, '-keyout', key_file, '-out', `${name}.csr`)
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
      '-out',
      cert_file
    )
    issued.set(name, Date.now())
    return { cert_file, key_file }
  }
  return {
    cert: readFileSync(`${dir}/ca.pem`),
    server: () => sign('server', 'subjectAltName=IP:127.0.0.1'),
    device: (name: string): { cert: Buffer; key: Buffer } => {
      const { cert_file, key_file } = sign(name, 'extendedKeyUsage=clientAuth')
      return { cert: readFileSync(`${dir}/${cert_file}`), key: readFileSync(`${dir}/${key_file}`) }
    },
    issued: (name: string): number => issued.get(name) ?? 0
  }
}
