import { FinalError } from '../src/index.ts'
import { refuseForGood } from './refuse-for-good.ts'
import { nameOf, type Send } from './send.ts'

const redirects = new Set([301, 302, 303, 307, 308])
const maxRedirects = 5

export interface DownloadOptions {
  readonly send: Send
  readonly signal: AbortSignal
  /** Bytes, unpacked. They are counted as they come: few packed ones may make any number. */
  readonly maxBytes: number
}

/**
 * Fetches a text, over redirects, each of which is checked like the first URL.
 *
 * @throws FinalError when it is refused, too long, or no UTF-8; an Error after which another attempt may pass
 */
export async function download(url: string, { send, signal, maxBytes }: DownloadOptions): Promise<Uint8Array> {
  let at = url
  for (let redirected = 0; redirected <= maxRedirects; redirected += 1) {
    const answer = await send(at, { method: 'GET', headers: { accept: 'text/csv, text/plain, */*' }, signal })
    const next = redirects.has(answer.status) && answer.location !== null ? URL.parse(answer.location, at) : null
    if (next === null) {
      await refuseForGood(answer, at)
      return read(answer.body, { name: nameOf(new URL(at)), maxBytes })
    }
    await answer.discard()
    at = next.href
  }
  throw new FinalError(`${nameOf(new URL(url))} redirects more than ${maxRedirects} times.`)
}

async function read(
  body: AsyncIterable<Uint8Array>,
  { name, maxBytes }: { name: string; maxBytes: number },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
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
