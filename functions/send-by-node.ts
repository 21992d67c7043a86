import { lookup } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { FinalError } from '../src/index.ts'
import { isPublicAddress } from './public-address.ts'
import {
  bytesOf,
  innerAddressError,
  type InnerHosts,
  noAnswerError,
  type Outgoing,
  readUrl,
  type Send,
} from './send.ts'

/**
 * Sends from Node, which may stand in a private network. A name is resolved once: all addresses found are checked, and
 * the connection goes to one of them. A second answer for the name cannot lead elsewhere.
 */
export function sendByNode({ innerHosts }: { innerHosts: InnerHosts }): Send {
  // The connections of these agents are reused by this function only, so the address of each was checked.
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) }
  return async (text, outgoing) => {
    const url = readUrl(text, innerHosts)
    try {
      const response = await begin(url, outgoing, {
        agent: url.protocol === 'https:' ? agents.https : agents.http,
        lookup: innerHosts.has(url.hostname) ? lookup : publicOnly(url),
      })
      return {
        status: response.statusCode as number,
        location: response.headers.location ?? null,
        body: bytesOf(url, unpacked(response)),
        discard() {
          // A connection can be reused only when its response is complete.
          if (response.complete) response.resume()
          else response.destroy()
        },
      }
    } catch (error) {
      throw error instanceof FinalError ? error : noAnswerError(url, error)
    }
  }
}

function begin(
  url: URL,
  { method, headers, body, signal }: Outgoing,
  options: { agent: http.Agent; lookup: LookupFunction },
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http
    request(url, { ...options, method, headers: { 'accept-encoding': 'gzip', ...headers }, signal }, resolve)
      .on('error', reject)
      .end(body)
  })
}

/** A name is refused if one of its addresses is an inner one, since any of them may be connected to. */
const publicOnly =
  (url: URL): LookupFunction =>
  (hostname, options, callback) =>
    lookup(hostname, options, (error, found, family) => {
      const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found]
      callback(error ?? (addresses.every(isPublicAddress) ? null : innerAddressError(url)), found, family)
    })

const unpackers = new Map<string | undefined, () => NodeJS.ReadWriteStream>([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

/** The body, unpacked by its `content-encoding`. */
async function* unpacked(response: http.IncomingMessage): AsyncGenerator<Uint8Array> {
  const unpacker = unpackers.get(response.headers['content-encoding']?.toLowerCase())
  yield* (unpacker ? pipeline(response, unpacker(), () => {}) : response) as AsyncIterable<Uint8Array>
}
