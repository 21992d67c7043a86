import { FinalError } from '../src/index.ts'
import { refuseForGood } from './refuse-for-good.ts'
import { nameOf, type Send } from './send.ts'

const redirects = new Set([301, 302, 303, 307, 308])
const maxRedirects = 5
/** A server that sends nothing for this long is given up: it holds a slot for which other jobs wait. */
const maxSilenceMs = 30_000

export interface DownloadOptions {
  readonly send: Send
  readonly signal: AbortSignal
  /** Bytes after unpacking. They are counted as they come: a few packed bytes may make any number. */
  readonly maxBytes: number
}

/**
 * Fetches a file. Redirects are followed, and each is checked like the first URL.
 *
 * @throws FinalError when the request is refused, is redirected too often, or gets more than `maxBytes`; an Error after
 *   which another attempt may pass
 */
export async function download(url: string, { send, signal, maxBytes }: DownloadOptions): Promise<Uint8Array> {
  const silence = new AbortController()
  const fallSilent = () => silence.abort(new Error(`A server sent nothing for ${maxSilenceMs / 1000} s.`))
  let timer = setTimeout(fallSilent, maxSilenceMs)
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(fallSilent, maxSilenceMs)
  }
  try {
    return await follow(url, { send, signal: AbortSignal.any([signal, silence.signal]), maxBytes, heard })
  } catch (error) {
    silence.signal.throwIfAborted()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** @param heard called at each answer or chunk of the server */
async function follow(
  url: string,
  { send, signal, maxBytes, heard }: DownloadOptions & { heard: () => void },
): Promise<Uint8Array> {
  let at = url
  for (let redirected = 0; redirected <= maxRedirects; redirected += 1) {
    const answer = await send(at, { method: 'GET', headers: { accept: 'text/csv, text/plain, */*' }, signal })
    heard()
    const next = redirects.has(answer.status) && answer.location !== null ? URL.parse(answer.location, at) : null
    if (next === null) {
      await refuseForGood(answer, at)
      return read(answer.body, { name: nameOf(new URL(at)), maxBytes, heard })
    }
    await answer.discard()
    at = next.href
  }
  throw new FinalError(`${nameOf(new URL(url))} redirects more than ${maxRedirects} times.`)
}

async function read(
  body: AsyncIterable<Uint8Array>,
  { name, maxBytes, heard }: { name: string; maxBytes: number; heard: () => void },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    heard()
    bytes += chunk.byteLength
    if (bytes > maxBytes)
      throw new FinalError(`${name} sent ${bytes} bytes, and more; ${maxBytes} are the most. Split what it sends.`)
    chunks.push(chunk)
  }
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
