import { exitCodes } from '../../exit-codes.ts'

/** Says that there is no recurring task of that key. */
export function noSuchKey(key: string): void {
  console.error(`There is no recurring task "${key}". \`steadytick recurring\` lists them.`)
  process.exitCode = exitCodes.nothing
}
