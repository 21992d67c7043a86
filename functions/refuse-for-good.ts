import { FinalError } from '../src/index.ts'
import { type Answer, nameOf } from './send.ts'

/**
 * Throws where a server did not answer 2xx. A request that the server refused (4xx, a redirect) will be refused again,
 * so the error is final. The exceptions are 408 and 429, which ask for another try.
 *
 * @throws FinalError, or an Error after which another attempt may pass
 */
export async function refuseForGood({ status, discard }: Answer, url: string): Promise<void> {
  if (status >= 200 && status < 300) return
  await discard()
  const message = `${nameOf(new URL(url))} answered ${status}.`
  if (status < 500 && status !== 408 && status !== 429) throw new FinalError(message)
  throw new Error(message)
}
