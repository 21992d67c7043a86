import type { Dialect } from '../../../src/dialects/dialect.ts'
import { bringBack, listSuspects } from '../../../src/transitions/bring-back.ts'
import {
  createRecurring,
  deleteRecurring,
  disableRecurring,
  editRecurring,
  enableRecurring,
} from '../../../src/transitions/change-recurring.ts'
import { clearOccurrences } from '../../../src/transitions/clear-occurrences.ts'
import { listOccurrences } from '../../../src/transitions/list-occurrences.ts'
import { findRecurring, listDue, listRecurring } from '../../../src/transitions/list-recurring.ts'
import { type Advance, advance, enqueueRecorded, recordOccurrences } from '../../../src/transitions/occur.ts'
import { synchronize } from '../../../src/transitions/synchronize.ts'
import { combine, type Transition } from '../../../src/transitions/transition.ts'
import { dueSince } from '../fill.ts'
import { type Case, day, deployment, newJob, recurring, twenty } from './case.ts'

const advances = (): Advance[] =>
  twenty((index) => ({
    key: `task-${index}`,
    from: dueSince,
    to: new Date(dueSince.getTime() + 3_600_000),
    occurrences: [{ runAt: dueSince, job: newJob(index) }],
  }))

/** What a tick does about recurring tasks that are due, in one batch. */
const occur = (dialect: Dialect): Transition<unknown> => {
  const due = advances()
  return combine({
    recorded: recordOccurrences(dialect, due),
    unplaced: enqueueRecorded(dialect, due),
    advanced: advance(dialect, due),
  })
}

export const recurringTasks: readonly Case[] = [
  {
    name: 'list due',
    of: (dialect) => listDue(dialect, { served: deployment, after: '', max: 20 }),
    max: 20,
    answers: 20,
  },
  { name: 'occur', of: occur, max: 20, answers: 20 },
  {
    name: 'synchronize',
    of: (dialect) =>
      synchronize(
        dialect,
        deployment,
        deployment.tasks.map((task) => ({ task, next: dueSince })),
      ),
    max: 20,
    // The keys that are taken by others.
    answers: 10,
  },
  { name: 'list suspects', of: (dialect) => listSuspects(dialect, { after: '', max: 100 }), max: 20, answers: 1 },
  {
    name: 'bring back',
    of: (dialect) =>
      bringBack(
        dialect,
        twenty((index) => ({ key: `task-${index}`, from: dueSince, to: new Date(0) })),
      ),
    max: 20,
    answers: 20,
  },
  { name: 'list recurring', of: (dialect) => listRecurring(dialect, { after: '', max: 100 }), max: 20, answers: 20 },
  { name: 'find recurring', of: (dialect) => findRecurring(dialect, { key: 'task-1' }), max: 1, answers: 1 },
  {
    name: 'list occurrences',
    of: (dialect) => listOccurrences(dialect, { key: 'task-1', max: 20 }),
    max: 20,
    answers: 20,
  },
  {
    name: 'clear occurrences',
    of: (dialect) => clearOccurrences(dialect, { olderThanMs: day, max: 40 }),
    max: 40,
    answers: 40,
  },
  {
    name: 'create recurring',
    of: (dialect) => createRecurring(dialect, { task: recurring('new'), next: dueSince }),
    max: 1,
    answers: 1,
  },
  {
    name: 'edit recurring',
    of: (dialect) => editRecurring(dialect, { task: recurring('task-11'), version: 1, next: dueSince }),
    max: 1,
    answers: 1,
  },
  { name: 'delete recurring', of: (dialect) => deleteRecurring(dialect, { key: 'task-11' }), max: 1, answers: 1 },
  {
    name: 'enable recurring',
    of: (dialect) => enableRecurring(dialect, { key: 'task-11', version: 1, next: dueSince }),
    max: 1,
    answers: 0,
  },
  { name: 'disable recurring', of: (dialect) => disableRecurring(dialect, { key: 'task-11' }), max: 1, answers: 1 },
]
