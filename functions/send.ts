import { isIP } from 'node:net'
import { FinalError } from '../src/index.ts'
import { isPublicAddress } from './public-address.ts'

/** A request, without its URL. */
export interface Outgoing {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

/** The answer of a server. Read its body, or discard it. */
export interface Answer {
  readonly status: number
  /** The target of a redirect, as the server wrote it; null: none. */
  readonly location: string | null
  /** Bytes as they come, unpacked. */
  readonly body: AsyncIterable<Uint8Array>
  /** Gives up the rest of the body. */
  discard(): void | Promise<void>
}

/**
 * Sends a request to a server on the Internet, or to one of the allowed inner hosts. A redirect is an answer like any
 * other: it is not followed.
 *
 * @throws FinalError when the URL has credentials, or leads inside; an Error that names the host when no answer came
 */
export type Send = (url: string, outgoing: Outgoing) => Promise<Answer>

/** Inner hosts that may be reached, in the form that URLs have: `hooks.internal`, `127.0.0.1`, `[::1]`. */
export type InnerHosts = ReadonlySet<string>

/** @param text hosts with spaces or commas between them, as in `INNER_HOSTS`; undefined: none */
export const readInnerHosts = (text: string | undefined): InnerHosts =>
  new Set((text ?? '').toLowerCase().split(/[\s,]+/))

/** The part of a URL that errors may show: the path and the query are the secret of many services. */
export const nameOf = ({ protocol, host }: URL): string => `${protocol}//${host}`

/** A URL leads to an address that is not public. */
export const innerAddressError = (url: URL): FinalError =>
  new FinalError(
    `${nameOf(url)} has no public address. To send to it all the same, add "${url.hostname}" to INNER_HOSTS.`,
  )

/**
 * Shows the code of Node's errors, since their messages may hold data of the server. Errors of a Worker have no code,
 * and a message that is always the same.
 */
export function noAnswerError(url: URL, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  return new Error(`${nameOf(url)} gave no whole answer (${code ?? message}).`)
}

/** The bytes of a body. @throws Error that names the host when the body breaks off */
export async function* bytesOf(url: URL, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw noAnswerError(url, error)
  }
}

/**
 * Reads a URL. Odd spellings of an address (`http://0x7f.1/`) become the usual one. A name is not resolved.
 *
 * @throws FinalError when the URL has credentials, another protocol, or the address of an inner host that is not
 *   allowed
 */
export function readUrl(text: string, innerHosts: InnerHosts): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new FinalError('The URL is none of http or https.')
  if (url.username !== '' || url.password !== '')
    throw new FinalError(`The URL of ${nameOf(url)} has a user or a password in it. Leave them out.`)
  const address = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(address) !== 0 && !isPublicAddress(address) && !innerHosts.has(url.hostname)) throw innerAddressError(url)
  return url
}
