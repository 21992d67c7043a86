import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { UsageError } from './usage-error.ts'

/** The person at the terminal did not say yes. */
export class UnconfirmedError extends Error {
  override readonly name = 'UnconfirmedError'
}

/**
 * Asks on the terminal whether to go on.
 *
 * @param wayOut the advice where there is no terminal
 *
 * @throws UnconfirmedError when the answer is not yes; UsageError when there is no terminal
 */
export async function confirm(question: string, wayOut = 'say --yes, or look first with --dry-run'): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError(`${question} There is nobody to ask here: ${wayOut}.`)
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // Ctrl-C and Ctrl-D are answers, too: the question is then rejected, or never answered.
  const closed = once(lines, 'close').then(() => 'no')
  const answer = await Promise.race([lines.question(`${question} [y/N] `).catch(() => 'no'), closed])
  lines.close()
  if (!/^\s*y(es)?\s*$/i.test(answer)) throw new UnconfirmedError('Nothing was done.')
}
