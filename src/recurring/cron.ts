import { type CronExpression, CronExpressionParser } from 'cron-parser'
import { fields, readCronFields } from './cron-fields.ts'

/** The start of the search that shows whether an expression has an occurrence at all: 2000-01-01. */
const sometime = 946_684_800_000

/**
 * Reads five fields, or an alias. cron-parser takes much that makes no sense, so the fields are read first.
 *
 * @returns a text if something is wrong with them: the problem
 */
export function readCron(expression: unknown): CronExpression | string {
  const given = readCronFields(expression)
  if (typeof given === 'string') return given
  const cron = parsed(given)
  if (typeof cron !== 'string') return cron
  for (const [index, { name }] of fields.entries()) {
    const field = given[index] as string
    const alone = parsed(fields.map((_, at) => (at === index ? field : '*')))
    if (typeof alone === 'string') return `the ${name} "${field}": ${alone}`
  }
  return cron
}

/** Parses five fields by cron-parser. A text: its objection, or that the fields never come. */
function parsed(given: readonly string[]): CronExpression | string {
  try {
    const cron = CronExpressionParser.parse(given.join(' '), { tz: 'UTC', currentDate: sometime })
    cron.next()
    return cron
  } catch (error) {
    // An objection is a plain Error. A TypeError is a fault of cron-parser, or of its runtime.
    if (error instanceof TypeError) throw error
    const { message } = error as Error
    return message.startsWith('Invalid explicit day of month') ? 'there is no such day in these months' : message
  }
}
