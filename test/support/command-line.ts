import { expect } from 'vitest'
import { configOf } from './config-file.ts'
import { newFile } from './folders.ts'
import { type Ended, steadytick } from './steadytick.ts'

/**
 * A command line on tables of its own.
 *
 * @param tasks source text of tasks
 * @param queue source text of more options of `defineQueue`
 */
export async function commandLine(tasks: string, queue: string) {
  const file = newFile()
  const env = { DATABASE_URL: `file:${file}` }
  const config = configOf(tasks, { queue })
  await steadytick(['migrate'], env)
  const run = (args: readonly string[], input?: string | Uint8Array): Promise<Ended> =>
    steadytick([...args, '--config', config], env, input)
  /** The command succeeds; what it prints for programs. */
  const json = async (...args: readonly string[]): Promise<any> => {
    const { code, stdout, stderr } = await run([...args, '--json'])
    expect([code, stderr]).toEqual([0, ''])
    return JSON.parse(stdout)
  }
  return { file, run, json }
}
