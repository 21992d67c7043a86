import { exitCodes } from '../../exit-codes.ts'
import { plain } from '../../report.ts'

export function noSuchKey(key: string): void {
  console.error(`There is no recurring task "${plain(key)}". \`steadytick recurring\` lists them.`)
  process.exitCode = exitCodes.nothing
}
