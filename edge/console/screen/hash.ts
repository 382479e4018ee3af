/**
 * The SHA-256 of a file, made in the browser: the file itself never leaves it. Browsers only offer this over HTTPS or on the
 * station's own machine; elsewhere a person types the hash that another tool has made.
 */
export const can_hash = globalThis.crypto?.subtle !== undefined
/** The whole file is read at once: more than this would end the page on a phone. */
export const most_bytes = 512 * 1024 * 1024

export const sha256Of = async (file: Blob): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer())), byte =>
    byte.toString(16).padStart(2, '0')
  ).join('')
