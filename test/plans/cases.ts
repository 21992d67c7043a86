import type { Case } from './cases/case.ts'
import { claims } from './cases/claims.ts'
import { leases } from './cases/leases.ts'
import { lifecycle } from './cases/lifecycle.ts'
import { limits } from './cases/limits.ts'
import { lists } from './cases/lists.ts'
import { looks } from './cases/looks.ts'
import { manyQueues } from './cases/many-queues.ts'
import { operators } from './cases/operators.ts'
import { pages } from './cases/pages.ts'
import { recurringTasks } from './cases/recurring.ts'

/** Every batch that is sent, with what it may read. */
export const cases: readonly Case[] = [
  ...claims,
  ...looks,
  ...lifecycle,
  ...leases,
  ...limits,
  ...operators,
  ...pages,
  ...lists,
  ...recurringTasks,
  ...manyQueues,
]
