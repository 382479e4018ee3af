/** Reads a secret that station.yaml names by its file. The sentence names the file, never what is in it. */
import { open } from 'node:fs/promises'

const longest_bytes = 1024

export const readSecret = async (
  file: string,
  shortest: number,
  whose: string
): Promise<{ readonly secret: string; readonly warning?: string } | { readonly failed: string }> => {
  const handle = await open(file, 'r').catch((cause: NodeJS.ErrnoException) => cause)
  if (handle instanceof Error) return { failed: `the secret of ${whose} cannot be read from ${file}: ${handle.code ?? 'unknown error'}` }
  try {
    const about = await handle.stat()
    if (!about.isFile()) return { failed: `the secret of ${whose} in ${file} is not a file` }
    if (about.size > longest_bytes) return { failed: `the secret of ${whose} in ${file} is longer than ${longest_bytes} bytes` }
    const secret = (await handle.readFile('utf8')).replace(/\r?\n$/, '')
    if (secret === '') return { failed: `the secret of ${whose} in ${file} is empty` }
    if ([...secret].length < shortest) return { failed: `the secret of ${whose} in ${file} is shorter than ${shortest} characters` }
    if (/[\r\n]/.test(secret)) return { failed: `the secret of ${whose} in ${file} has more than one line` }
    return (about.mode & 0o077) === 0 ? { secret } : { secret, warning: `others may read ${file}, the secret of ${whose}: chmod 600 it` }
  } finally {
    await handle.close()
  }
}
