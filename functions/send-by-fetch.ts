import { bytesOf, innerAddressError, type InnerHosts, noAnswerError, readUrl, type Send } from './send.ts'

/**
 * Sends from a Worker. Its `fetch` reaches no private network, whatever address a name has, so names are not resolved
 * here. This function refuses inner addresses, and the names of this machine, which `wrangler dev` does reach.
 */
export const sendByFetch =
  ({ innerHosts }: { innerHosts: InnerHosts }): Send =>
  async (text, outgoing) => {
    const url = readUrl(text, innerHosts)
    if (/(^|\.)localhost\.?$/.test(url.hostname) && !innerHosts.has(url.hostname)) throw innerAddressError(url)
    const response = await fetch(url, { ...outgoing, redirect: 'manual' }).catch((error: unknown) => {
      throw noAnswerError(url, error)
    })
    return {
      status: response.status,
      location: response.headers.get('location'),
      body: bytesOf(url, (response.body ?? []) as AsyncIterable<Uint8Array>),
      discard: () => response.body?.cancel(),
    }
  }
