import { type Command, InvalidArgumentError } from 'commander'
import type { JobFilter } from '../manage/selection.ts'
import { sinceOf } from './when.ts'

export interface FilterOptions {
  readonly queue?: string
  readonly task?: string
  readonly fingerprint?: string
  readonly recurring?: string
  readonly since?: Date
  readonly until?: Date
}

/** Adds the options that select jobs. */
export const withFilter = (command: Command): Command =>
  command
    .option('-q, --queue <name>', 'of this queue')
    .option('-t, --task <name>', 'of this task')
    .option('--fingerprint <text>', 'that failed alike, as `steadytick failures` shows it')
    .option('--recurring <key>', 'that this recurring task enqueued')
    .option('--since <when>', 'enqueued then or later: an instant, or so long ago, as in 2h', sinceOf)
    .option('--until <when>', 'enqueued before then', sinceOf)

/** The filter of an API call; null: no option was given, so all jobs are meant. */
export function filterOf({ queue, task, fingerprint, recurring, since, until }: FilterOptions): JobFilter | null {
  const filter = {
    ...(queue === undefined ? {} : { queue }),
    ...(task === undefined ? {} : { task }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(recurring === undefined ? {} : { recurring }),
    ...(since === undefined ? {} : { enqueuedSince: since }),
    ...(until === undefined ? {} : { enqueuedUntil: until }),
  }
  return Object.keys(filter).length === 0 ? null : filter
}

/** Reads a whole number within a range. */
export const numberOf =
  (least: number, most: number) =>
  (text: string): number => {
    const number = Number(text)
    if (/^-?\d+$/.test(text) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`Use a number from ${least} to ${most}.`)
  }
