import { ConfigurationError } from '../errors.ts'
import { quote } from '../job/quote.ts'

/** @throws ConfigurationError when `limit` is no whole number from 1 to 1,000 */
export function checkedLimit(name: string, limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new ConfigurationError(name, [
      { path: 'limit', message: `${quote(limit)}; use a whole number from 1 to 1000` },
    ])
  return limit
}
