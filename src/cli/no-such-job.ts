import { UnknownJobError } from '../wait-for-result.ts'
import { exitCodes } from './exit-codes.ts'

export function noSuchJob(id: string): void {
  console.error(new UnknownJobError(id).message)
  process.exitCode = exitCodes.nothing
}
