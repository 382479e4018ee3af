/** A certificate for 127.0.0.1 that nobody but the test trusts. Needs openssl. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export const certificate = (dir: string): { readonly key: string; readonly cert: string } => {
  const [key_file, cert_file] = [`${dir}/key.pem`, `${dir}/cert.pem`]
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  const files = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key_file, '-out', cert_file]
  execFileSync('openssl', ['req', '-x509', ...ec, ...files], { stdio: 'ignore' })
  return { key: readFileSync(key_file, 'utf8'), cert: readFileSync(cert_file, 'utf8') }
}
