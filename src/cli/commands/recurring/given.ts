import { type Command, Option } from 'commander'
import type { DefinedTask } from '../../../job/defined-task.ts'
import type { RecurringChanges } from '../../../recurring/read-recurring.ts'
import { type CatchUp, catchUps } from '../../../recurring/recurring-task.ts'
import type { ReportOptions } from '../../command.ts'
import { requireKnown } from '../../known-name.ts'
import { payloadOf } from '../../payload.ts'
import { numberOf } from '../../selection-options.ts'

/** Options that describe a recurring task. */
export interface Given extends ReportOptions {
  readonly task?: string
  readonly schedule?: string
  readonly payload?: string
  readonly timeZone?: string
  /** False: the task's own queue; likewise for the other options. */
  readonly queue?: string | false
  readonly priority?: number | false
  readonly catchUp?: CatchUp
  readonly description?: string | false
}

/** Adds the options of a command that writes a recurring task. */
export const withGiven = (command: Command): Command =>
  command
    .argument('<key>', 'its key')
    .option('-t, --task <name>', 'the task whose jobs are enqueued')
    .option('-s, --schedule <cron>', "when: minute, hour, day of month, month, day of week, as in '0 10 * * *'")
    .option('-z, --time-zone <name>', 'by whose clocks, as in Europe/Madrid (default: UTC)')
    .option('--payload <json>', 'their payload, as JSON; - reads it from standard input')
    .option('-q, --queue <name>', "another queue than the task's")
    .option('-p, --priority <number>', 'from -100 to 100, larger runs first', numberOf(-100, 100))
    .addOption(
      new Option('--catch-up <which>', 'what becomes of occurrences that were missed (default: latest)').choices(
        catchUps,
      ),
    )
    .option('--description <text>', 'for people')

/** @throws UsageError when there is no such task, or the payload is no JSON */
export async function changesOf(
  { task, payload, queue, priority, description, schedule, timeZone, catchUp }: Given,
  tasks: ReadonlyMap<string, DefinedTask>,
): Promise<RecurringChanges> {
  if (task !== undefined) requireKnown('task', task, tasks.keys())
  const given = {
    task: tasks.get(task ?? '')?.task,
    schedule,
    timeZone,
    queue: queue === false ? null : queue,
    priority: priority === false ? null : priority,
    catchUp,
    description: description === false ? null : description,
  }
  return {
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as RecurringChanges),
    ...(payload === undefined ? {} : { payload: await payloadOf(payload) }),
  }
}
