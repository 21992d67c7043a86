import { ConfigurationError } from '../errors.ts'
import { type Duration, parseDuration } from '../job/duration.ts'
import type { PassOptions } from './pass.ts'

/** How long a tick may take. */
export interface TickOptions extends Omit<PassOptions, 'deadline'> {
  /**
   * When the platform ends the invocation, or how long from now; work in hand is released shortly before. Default:
   * never.
   */
  readonly deadline?: Date | Duration | undefined
}

/** The same options, their deadline an instant. */
export type Bounded<Options extends TickOptions> = Omit<Options, 'deadline'> & Pick<PassOptions, 'deadline'>

/** @throws ConfigurationError when the deadline is neither an instant nor a duration */
export function bounded<Options extends TickOptions>({ deadline, ...options }: Options): Bounded<Options> {
  return { ...options, deadline: deadline === undefined ? undefined : instantOf(deadline) }
}

function instantOf(deadline: Date | Duration): Date {
  if (!(deadline instanceof Date)) return new Date(Date.now() + parseDuration(deadline, 'deadline'))
  if (Number.isNaN(deadline.getTime()))
    throw new ConfigurationError('deadline', [{ path: '', message: 'an invalid Date; use an instant or a duration' }])
  return deadline
}
