import { plain } from './report.ts'

/**
 * A text of somebody else's as one word of a command that is suggested: the same word in bash, zsh and fish, in which `'` and `\`
 * are written outside of the quotes. Null: the word would not be the text, since parts of it are not shown, or the shell may
 * be PowerShell, which reads quotes in another way.
 */
export function shellWord(
  text: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  if (plain(text) !== text) return null
  const isHarmless = /^[\w./:@%+=,-]*$/.test(text)
  // PowerShell sets it for all that it starts, and Windows for everything.
  if (!isHarmless && env['PSModulePath'] !== undefined) return null
  return `'${text.replaceAll(/['\\]/g, (mark) => (mark === "'" ? `'\\''` : `'\\\\'`))}'`
}
