import { spawn } from 'node:child_process'

/** A command on a terminal of its own: what it shows, everything together. */
export interface OnTerminal {
  readonly code: number | null
  readonly screen: string
}

/**
 * Runs a command of `steadytick` on a pseudo-terminal, which `script` of util-linux makes.
 *
 * @param answers what somebody types, each once the screen shows what it answers
 * @param watch called with the id of the command's process once it runs
 */
export async function onTerminal(
  args: readonly string[],
  {
    env = {},
    answers = [],
    watch = () => {},
  }: {
    env?: Record<string, string>
    answers?: readonly { to: RegExp; type: string }[]
    watch?: (pid: number) => void
  } = {},
): Promise<OnTerminal> {
  const quoted = [process.execPath, 'src/cli/steadytick.ts', ...args].map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`)
  const child = spawn('script', ['-qefc', `echo "pid $$"; exec ${quoted.join(' ')}`, '/dev/null'], {
    // A terminal that shows colours.
    env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: undefined, CI: undefined, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  const waiting = [...answers]
  let watched = false
  child.stdout.on('data', (chunk) => {
    screen += String(chunk)
    const pid = /^pid (\d+)/.exec(screen)?.[1]
    if (pid !== undefined && !watched) {
      watched = true
      watch(Number(pid))
    }
    const [next] = waiting
    if (!next?.to.test(screen)) return
    waiting.shift()
    child.stdin.write(next.type)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new Error('There is no `script` here: apt-get install util-linux (or bsdutils).')
          : error,
      ),
    )
    child.once('close', resolve)
  })
  return { code, screen }
}
