import { ConfigurationError } from '../errors.ts'
import { quote } from '../job/quote.ts'
import { isStorable } from '../job/storable.ts'

/** @throws ConfigurationError when it is no text that a database can be asked for */
export function checkedText(name: string, field: string, text: string): string {
  if (typeof text !== 'string' || !isStorable(text))
    throw new ConfigurationError(name, [`${field}: ${quote(text)}; use a text without NUL and halves of characters`])
  return text
}
