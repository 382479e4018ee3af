/** E-mail over SMTP. Never a password over a line that is not encrypted, unless the line ends in this machine. */
import { createTransport } from 'nodemailer'
import { Type } from 'typebox'
import { defineChannel, type Sent } from './channel.ts'

const loopback = ['127.0.0.1', '::1', 'localhost']

export default defineChannel({
  label: { 'zh-CN': '电子邮件', en: 'E-mail' },
  says: {
    'zh-CN': '发给本组每个有邮箱的成员；需要 SMTP 服务器。',
    en: 'Writes to each member of the unit who has an address; needs an SMTP server.'
  },
  settings: Type.Object(
    {
      host: Type.String({ title: 'SMTP server', minLength: 1, examples: ['smtp.example'] }),
      port: Type.Integer({ title: 'Port', default: 587, minimum: 1, maximum: 65_535 }),
      tls: Type.Union([Type.Literal('starttls'), Type.Literal('implicit'), Type.Literal('none')], {
        title: 'Encryption; none is allowed to this machine alone',
        default: 'starttls'
      }),
      from: Type.String({ title: 'Sender', minLength: 3, examples: ['前哨 <station@example>'] }),
      user: Type.Optional(Type.String({ title: 'Account', minLength: 1 })),
      password_file: Type.Optional(Type.String({ title: 'File with the account’s password', minLength: 1 })),
      ca_file: Type.Optional(Type.String({ title: 'Authority that signed the server’s certificate (PEM)', minLength: 1 }))
    },
    { additionalProperties: false }
  ),
  reach: 'outside',
  proves: 'sent',
  open: ({ host, port, tls, from, user, password_file, ca_file }, { secret }) => {
    if (tls === 'none' && !loopback.includes(host))
      throw new Error('e-mail without encryption is for this machine alone; right would be: tls: starttls')
    const transport = createTransport({
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      connectionTimeout: 5_000,
      greetingTimeout: 5_000,
      socketTimeout: 8_000,
      ...(ca_file !== undefined && { tls: { ca: secret(ca_file) } }),
      ...(user !== undefined && password_file !== undefined && { auth: { user, pass: secret(password_file) } })
    })
    return {
      send: async ({ id, title, text, to, drill }, signal): Promise<Sent> => {
        const addresses = to.flatMap(({ email }) => (email === undefined ? [] : [email]))
        if (addresses.length === 0) return { failed: 'nobody of this unit has an e-mail address', retry: false }
        const sending = transport
          .sendMail({
            from,
            to: addresses,
            subject: `${title['zh-CN']} / ${title.en}`,
            text: `${text['zh-CN']}\n\n${text.en}`,
            messageId: `<${id}@qianshao>`,
            priority: 'high',
            headers: { 'auto-submitted': 'auto-generated', ...(drill && { 'x-exercise': 'true' }) }
          })
          .then((): Sent => ({ receipt: 'sent' }), failure)
        const aborted = new Promise<Sent>(resolve =>
          signal.addEventListener('abort', () => resolve({ failed: 'the mail server did not answer in time', retry: true }), { once: true })
        )
        return Promise.race([sending, aborted])
      },
      close: () => transport.close()
    }
  }
})

/** 4xx of SMTP is for now, 5xx is for good; what never came to an answer may come next time. The server's words may hold an address. */
const failure = (error: { readonly responseCode?: number; readonly code?: string }): Sent =>
  error.responseCode === undefined
    ? { failed: `the mail server: ${error.code ?? 'no connection'}`, retry: error.code !== 'EAUTH' }
    : { failed: `the mail server answered ${error.responseCode}`, retry: error.responseCode < 500 }
