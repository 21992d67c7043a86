import { inspect } from 'node:util'
import type { Failure } from '../dialects/driver.ts'
import { isSteadytickError } from '../is-steadytick-error.ts'
import { UnconfirmedError } from './confirm.ts'
import { AwayError } from './database.ts'
import { exitCodes } from './exit-codes.ts'
import { plain } from './report.ts'
import { StoppedError } from './sweep.ts'
import { UsageError } from './usage-error.ts'

const waysOut: Partial<Record<Failure, string>> = {
  retryable: 'It was tried eight times. Something else holds a lock, or the database is out of room: try again later.',
}

/** The message and the exit code of a failure. An error that is a fault of ours is shown with its stack. */
export function failureOf(error: unknown): { message: string; exitCode: number } {
  const { message, exitCode } = told(error)
  // Messages of a database or a handler repeat data of others.
  return {
    message: message
      .split('\n')
      .map((line) => plain(line))
      .join('\n'),
    exitCode,
  }
}

function told(error: unknown): { message: string; exitCode: number } {
  if (
    error instanceof UsageError ||
    isSteadytickError(error, 'CONFIGURATION_INVALID') ||
    isSteadytickError(error, 'PAYLOAD_INVALID')
  )
    return { message: `${error.name}: ${error.message}`, exitCode: exitCodes.usage }
  if (isSteadytickError(error, 'DATABASE_FAILED')) {
    const wayOut = waysOut[error.failure]
    const message = `${error.name}: ${error.message}${wayOut === undefined ? '' : `\n${wayOut}`}`
    return { message, exitCode: exitCodes.failed }
  }
  if (isSteadytickError(error, 'RECURRING_TASK_EXISTS') || isSteadytickError(error, 'RECURRING_TASK_STATIC'))
    return { message: `${error.name}: ${error.message}`, exitCode: exitCodes.nothing }
  if (isSteadytickError(error)) return { message: `${error.name}: ${error.message}`, exitCode: exitCodes.failed }
  if (error instanceof AwayError || error instanceof UnconfirmedError || error instanceof StoppedError)
    return { message: error.message, exitCode: exitCodes.failed }
  return { message: inspect(error), exitCode: exitCodes.failed }
}
