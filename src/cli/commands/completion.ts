import { Argument, Command } from 'commander'
import tab from '@bomb.sh/tab/commander'
import { findConfig, loadConfig } from '../config.ts'

/** The typed words are not evaluated: they go to `steadytick complete` as they are. */
const ofBash = `_steadytick() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(steadytick complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _steadytick steadytick`

const scripts = {
  bash: ofBash,
  zsh: `autoload -U +X compinit bashcompinit && compinit && bashcompinit\n${ofBash}`,
  fish: `complete -c steadytick -f -a '(steadytick complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null | string match -v -- ":*")'`,
} as const

/** Prints the script that makes a shell complete. */
export const completion = new Command('completion')
  .description('print a script that completes commands, options, tasks and queues in your shell')
  .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
  .action((shell: keyof typeof scripts) => console.log(scripts[shell]))

/**
 * Adds `complete`, which the scripts call: it prints the words that may stand in the last place. Names of tasks and
 * queues come from the config. The config is code, so it is run only where a name may stand.
 */
export async function answerCompletion(program: Command, args: readonly string[]): Promise<void> {
  if (args[0] !== 'complete') return
  const root = tab(program, { completionCommandName: 'completion-scripts' })
  const { tasks, queues } = mayBeName(args.slice(args.indexOf('--') + 1)) ? await namesOf() : { tasks: [], queues: [] }
  const offer = (names: readonly string[]) => (complete: (value: string, description: string) => void) => {
    for (const name of names) complete(name, '')
  }
  for (const [name, command] of root.commands) {
    for (const [option, known] of [
      ['task', tasks],
      ['queue', queues],
    ] as const) {
      const found = command.options.get(option)
      if (found) found.handler = offer(known)
    }
    const argument = command.arguments.get(name === 'enqueue' ? 'task' : name === 'purge' ? 'queue' : 'queues')
    if (argument) argument.handler = offer(name === 'enqueue' ? tasks : queues)
  }
}

const named = new Set(['enqueue', 'purge', 'pause', 'resume'])
const naming = new Set(['--task', '-t', '--queue', '-q'])

/** Whether the last of the words may be the name of a task or a queue. */
function mayBeName(words: readonly string[]): boolean {
  const word = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  if (naming.has(before.at(-1) ?? '') || /^--(task|queue)=/.test(word)) return true
  return named.has(before[0] ?? '') && !word.startsWith('-')
}

/** Where the config cannot be read, no name is completed: a shell shows no errors here. */
async function namesOf(): Promise<{ tasks: readonly string[]; queues: readonly string[] }> {
  try {
    if (findConfig(undefined) === null) return { tasks: [], queues: [] }
    const { jobs } = await loadConfig(undefined)
    const used = [...jobs.tasks.values()].map(({ queue }) => queue)
    return { tasks: [...jobs.tasks.keys()], queues: [...new Set(jobs.queues ?? used)] }
  } catch {
    return { tasks: [], queues: [] }
  }
}
