/** E-mail over SMTP. Never a password, nor a word, over a line that is not encrypted, unless the line ends in this machine. */
import { createTransport } from 'nodemailer'
import { Type } from 'typebox'
import { troubles } from '../domain/words.ts'
import { defineChannel, type Message, type Sent } from './channel.ts'
import { escaped } from './common/text.ts'
import { secretsMissing, secretsOf } from './post.ts'

const loopback = ['127.0.0.1', '::1', 'localhost']

export default defineChannel({
  label: { 'zh-CN': '电子邮件', en: 'E-mail' },
  says: {
    'zh-CN': '用中英文写给本组每个有邮箱的成员；需要 SMTP 服务器。',
    en: 'Writes in both languages to each member of the unit who has an address; needs an SMTP server.'
  },
  settings: Type.Object(
    {
      host: Type.String({
        title: 'SMTP server',
        description: 'its certificate must be for this name',
        minLength: 1,
        maxLength: 253,
        examples: ['smtp.example']
      }),
      port: Type.Integer({
        title: 'Port',
        description: '587 for starttls, 465 for implicit',
        default: 587,
        minimum: 1,
        maximum: 65_535,
        examples: [587]
      }),
      tls: Type.Union([Type.Literal('starttls'), Type.Literal('implicit'), Type.Literal('none')], {
        title: 'Encryption',
        description: 'none is allowed to this machine alone',
        default: 'starttls',
        examples: ['starttls']
      }),
      from: Type.String({
        title: 'Sender',
        description: 'the address that the account may use',
        pattern: '^[^\\r\\n]*[^\\s@<]+@[^\\s@>]+>?$',
        maxLength: 320,
        examples: ['前哨 <station@example.org>']
      }),
      user: Type.Optional(
        Type.String({ title: 'Account', description: 'together with password_file', minLength: 1, examples: ['station@example.org'] })
      ),
      password_file: Type.Optional(
        Type.String({
          title: 'File with the account’s password',
          description: 'together with user',
          minLength: 1,
          examples: ['secrets/smtp']
        })
      ),
      ca_file: Type.Optional(
        Type.String({
          title: 'Authority that signed the server’s certificate (PEM)',
          description: 'when it is none of those that every system knows',
          minLength: 1,
          examples: ['certificates/city-ca.pem']
        })
      )
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'sent',
  open: ({ host, port, tls, from, user, password_file, ca_file }, { secret, station }) => {
    if (tls === 'none' && !loopback.includes(host))
      throw new Error('e-mail without encryption is for this machine alone; right would be: tls: starttls')
    if ((user === undefined) !== (password_file === undefined))
      throw new Error('an e-mail account needs both a user and a password_file; right would be: both, or neither')
    const files: Record<string, string> = {
      ...(password_file !== undefined && { pass: password_file }),
      ...(ca_file !== undefined && { ca: ca_file })
    }
    return {
      at_once: 2,
      within_s: 20,
      well: () => secretsMissing(secret, files),
      send: async (message, signal): Promise<Sent> => {
        const to = message.to.flatMap(({ email }) => (email === undefined ? [] : [email]))
        if (to.length === 0) return { failed: troubles.no_email.en, retry: false }
        const read = secretsOf(secret, files)
        if ('failed' in read) return read
        const { pass, ca } = read.texts
        const transport = createTransport({
          host,
          port,
          secure: tls === 'implicit',
          requireTLS: tls === 'starttls',
          ignoreTLS: tls === 'none',
          connectionTimeout: 10_000,
          greetingTimeout: 10_000,
          socketTimeout: 15_000,
          disableFileAccess: true,
          disableUrlAccess: true,
          tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
          ...(user !== undefined && pass !== undefined && { auth: { user, pass } })
        })
        try {
          const { accepted } = await transport.sendMail({ from, to, ...letterOf(message, station.id), signal })
          return { receipt: 'sent', note: `${accepted.length}/${to.length}` }
        } catch (error) {
          return signal.aborted ? { failed: troubles.no_answer.en, retry: true } : failureOf(error as SmtpError)
        } finally {
          transport.close()
        }
      }
    }
  }
})

const letterOf = ({ id, title, text, url, drill }: Message, station: string) => {
  const page = (lang: 'zh-CN' | 'en'): string => {
    const lines = text[lang].split('\n').map(line => `<p>${escaped(line)}</p>`)
    return `<div lang="${lang}"><h2>${escaped(title[lang])}</h2>${lines.join('')}</div>`
  }
  const link = url === undefined ? '' : `<p><a href="${escaped(url)}">${escaped(url)}</a></p>`
  return {
    subject: `${title['zh-CN']} / ${title.en}`,
    text: `${text['zh-CN']}\n\n${text.en}\n`,
    html: `<!doctype html><html><head><meta charset="utf-8"></head><body>${page('zh-CN')}<hr>${page('en')}${link}</body></html>`,
    // The same at every try, so that a second copy is known as one.
    messageId: `<${id}@${station}.qianshao>`,
    priority: 'high' as const,
    headers: { 'auto-submitted': 'auto-generated', ...(drill && { 'x-exercise': 'true' }) }
  }
}

type SmtpError = { readonly responseCode?: number; readonly code?: string }

/** 4xx of SMTP is for now, 5xx is for good; what never came to an answer may come next time. The server's words may hold an address. */
const failureOf = ({ responseCode, code = 'unknown' }: SmtpError): Sent =>
  responseCode === undefined
    ? { failed: `${troubles.not_reached.en}: ${code}`, retry: true }
    : { failed: `${troubles.they_answered.en}: ${responseCode}`, retry: responseCode < 500 }
