import { ConfigurationError } from '../errors.ts'
import { quote } from '../job/quote.ts'
import { isStorable } from '../job/storable.ts'

/** @throws ConfigurationError when no database can be asked for the text */
export function checkedText(name: string, field: string, text: string): string {
  if (typeof text !== 'string' || !isStorable(text))
    throw new ConfigurationError(name, [
      { path: field, message: `${quote(text)}; use a text without NUL and halves of characters` },
    ])
  return text
}
