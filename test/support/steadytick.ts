import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { resolve as absolute } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

const command = absolute('src/cli/steadytick.ts')

/** A command that has ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a command to its end.
 *
 * @param input its standard input
 * @param folder where it runs; default: here
 */
export async function steadytick(
  args: readonly string[],
  env: Record<string, string> = {},
  input: string | Uint8Array = '',
  folder?: string,
): Promise<Ended> {
  try {
    const running = promisify(execFile)(process.execPath, [command, ...args], {
      env: { ...process.env, DATABASE_URL: undefined, ...env },
      cwd: folder,
    })
    // Not there yet when the command begins to read.
    setTimeout(() => running.child.stdin?.end(input), input.length === 0 ? 0 : 1000)
    const { stdout, stderr } = await running
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, stdout, stderr }
  }
}

/** `steadytick start`, at work. */
export interface Started {
  /** Of its HTTP API; empty without one. */
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
  return listening(process.execPath, [file, 'start', '--port', '0', ...args], { cwd: folder, env })
}

/** `steadytick start` as a script of npm: the signals go to npm. What it leaves is killed when the test ends. */
export async function startWithNpm(env: Record<string, string>, args: readonly string[] = []): Promise<Started> {
  const started = await listening(
    'npm',
    ['run', '--silent', 'steadytick', '--', 'start', '--port', '0', ...args],
    // The shell that dies of the signal and does not hand it on.
    { env: { ...env, npm_config_script_shell: '/bin/sh' }, detached: true },
  )
  onTestFinished(() => {
    try {
      process.kill(-started.process.pid!, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  })
  return started
}

async function listening(
  file: string,
  args: readonly string[],
  options: { cwd?: string | undefined; env: Record<string, string>; detached?: boolean },
): Promise<Started> {
  const child = spawn(file, args, {
    ...options,
    env: { ...process.env, DATABASE_URL: undefined, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Its streams are closed when all that npm has started has ended, too.
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  // Warnings of pruned and failed jobs: shown only when it does not start.
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { message, url: at } = JSON.parse(line) as { message: string; url?: string }
      if (message === 'started') resolve(at ?? '')
    })
    child.once('exit', (code) => reject(new Error(`steadytick start ended with ${code}: ${errors}`)))
  })
  return {
    url,
    process: child,
    stop(signal) {
      child.kill(signal)
      return ended
    },
  }
}
