import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const command = 'src/cli/steadytick.ts'

/** Runs a command to its end. */
export async function steadytick(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [command, ...args], {
      env: { ...process.env, ...env },
    })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, stdout, stderr }
  }
}

/** `steadytick start`, listening. */
export interface Started {
  readonly url: string
  readonly process: ChildProcess
  /** Sends a signal; gives the exit code, null when the signal ended it. */
  stop(signal: NodeJS.Signals): Promise<number | null>
}

/** @param folder where it runs, with the package installed; default: here, from the sources */
export async function startSteadytick(
  env: Record<string, string>,
  args: readonly string[] = [],
  folder?: string,
): Promise<Started> {
  const file = folder === undefined ? command : 'node_modules/steadytick/dist/cli/steadytick.js'
  const child = spawn(process.execPath, [file, 'start', '--port', '0', ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
  })
  // Warnings of pruned and failed jobs: shown only when it does not start.
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { message, url: at } = JSON.parse(line) as { message: string; url?: string }
      if (message === 'started' && at !== undefined) resolve(at)
    })
    child.once('exit', (code) => reject(new Error(`steadytick start ended with ${code}: ${errors}`)))
  })
  return {
    url,
    process: child,
    stop(signal) {
      child.kill(signal)
      return exited
    },
  }
}
