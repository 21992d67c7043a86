import { ConfigurationError } from '../errors.ts'
import { quote } from '../job/quote.ts'

/** @throws ConfigurationError when `max` is no whole number from 1 to 1,000 */
export function checkedMax(name: string, max: number): number {
  if (!Number.isInteger(max) || max < 1 || max > 1000)
    throw new ConfigurationError(name, [`max: ${quote(max)}; use a whole number from 1 to 1000`])
  return max
}
