import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * The command of the package that the config's folder has installed; null: it is this one, or the folder has none. A
 * command that is installed globally hands over to it, so that the drivers, the schema and the errors are those of the
 * config.
 */
export function ownCommand(args: readonly string[]): string | null {
  // A Tab runs no code of a folder, but for its config where a name may follow.
  if (args[0] === 'complete') return null
  const { values } = parseArgs({ args: [...args], options: { config: { type: 'string', short: 'c' } }, strict: false })
  const config = typeof values.config === 'string' ? values.config : 'steadytick.config.ts'
  const manifest = manifestFrom(resolve(config))
  if (manifest === null || manifest === fileURLToPath(new URL('../../package.json', import.meta.url))) return null
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { steadytick: string } }
  return resolve(dirname(manifest), bin.steadytick)
}

/** The package.json of the package `steadytick`, as a file of the project finds it; null: it finds none. */
function manifestFrom(file: string): string | null {
  try {
    return createRequire(file).resolve('steadytick/package.json')
  } catch {
    return null
  }
}
