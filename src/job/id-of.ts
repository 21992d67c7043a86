import { v5 } from 'uuid'
import { ConfigurationError } from '../errors.ts'
import { quote } from './quote.ts'

/** The UUIDv5 of `https://www.npmjs.com/package/steadytick` in the namespace of URLs. */
const namespace = '16fbbe9e-443a-5acc-883d-e58edf71f25c'

/**
 * Makes the id of a job from a key of your own, such as an order's number: the same for the same key, whenever and
 * wherever it is made. A UUIDv5 (https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-5) in the namespace
 * `16fbbe9e-443a-5acc-883d-e58edf71f25c`, in lower case, so programs in other languages make the same ids.
 *
 * Ids are of the whole queue: put the task into the key where several tasks are about one thing.
 *
 * @example
 * await queue.enqueue(sendReceipt, { order }, { id: idOf(`receipt/${order.number}`) })
 *
 * @throws ConfigurationError when the key is empty, is no text, or has half a character
 */
export function idOf(key: string): string {
  if (typeof key !== 'string' || key === '' || !key.isWellFormed())
    throw new ConfigurationError('idOf()', [
      { path: 'key', message: `${quote(key)}; use a text that is not empty and has whole characters` },
    ])
  return v5(key, namespace)
}
