import type { Command } from 'commander'
import tab from '@bomb.sh/tab/commander'
import { findConfig, loadConfig } from '../config.ts'

/**
 * Adds `completion <shell>`, which prints a script, and `complete`, which that script asks. Names of tasks and queues are
 * those of the config.
 */
export async function addCompletion(program: Command, args: readonly string[]): Promise<void> {
  const root = tab(program, { completionCommandName: 'completion' })
  if (args[0] !== 'complete') return
  const { tasks, queues } = await namesOf()
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

/** Nothing is completed where the config cannot be read: whoever asks sees no errors. */
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
