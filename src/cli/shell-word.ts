import { plain } from './report.ts'

/**
 * Quotes a text of other people's as one word of a suggested command. The word is the same in bash, zsh and fish: `'`
 * and `\` are written outside of the quotes. Null: parts of the text are invisible, or the shell may be PowerShell,
 * which reads quotes in another way.
 */
export function shellWord(
  text: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  if (plain(text) !== text) return null
  const isHarmless = /^[\w./:@%+=,-]*$/.test(text)
  // PowerShell sets the variable for all processes that it starts, and Windows for every process.
  if (!isHarmless && env['PSModulePath'] !== undefined) return null
  return `'${text.replaceAll(/['\\]/g, (mark) => (mark === "'" ? `'\\''` : `'\\\\'`))}'`
}
