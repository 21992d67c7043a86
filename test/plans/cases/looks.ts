import { parseQueuePatterns } from '../../../src/job/queue-patterns.ts'
import { look } from '../../../src/transitions/look.ts'
import { type Case, deployment } from './case.ts'

export const lookFor =
  (workers: Readonly<Record<string, readonly string[]>>): Case['of'] =>
  (dialect) =>
    look(
      dialect,
      deployment,
      Object.entries(workers).map(([name, queues]) => ({ name, patterns: parseQueuePatterns(queues) })),
    )

export const looks: readonly Case[] = [
  { name: 'look', of: (dialect) => look(dialect, deployment), max: 1, answers: 1 },
  {
    name: 'look for workers',
    of: lookFor({ all: ['*'], few: ['none', 'mail', 'default'], prefix: ['d*'], idle: ['none', 'n*'] }),
    // An entry, a step.
    max: 7,
    answers: 3,
  },
  {
    name: 'look for workers, while a queue is paused',
    of: lookFor({ all: ['*'], few: ['default', 'mail'], prefix: ['d*', 'ma*'], idle: ['mail', 'n*'] }),
    // One more step for each entry that finds the paused queue first.
    max: 11,
    answers: 3,
    paused: 'mail',
  },
]
