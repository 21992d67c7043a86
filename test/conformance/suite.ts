import { describe } from 'vitest'
import type { OpenDatabase } from '../support/databases.ts'
import { cancelling } from './cancelling.ts'
import { claiming } from './claiming.ts'
import { enqueueing } from './enqueueing.ts'
import { explaining } from './explaining.ts'
import { inspecting } from './inspecting.ts'
import { leases } from './leases.ts'
import { givingBack } from './limiting/giving-back.ts'
import { repairing } from './limiting/repairing.ts'
import { placing } from './limiting/placing.ts'
import { maintaining } from './maintaining.ts'
import { migrating } from './migrating.ts'
import { oddRows } from './odd-rows.ts'
import { operating } from './operating.ts'
import { performing } from './performing.ts'
import { ranking } from './ranking.ts'
import { catchingUp } from './recurring/catching-up.ts'
import { changing } from './recurring/changing.ts'
import { deployments } from './recurring/deployments.ts'
import { occurrences } from './recurring/occurrences.ts'
import { once } from './recurring/once.ts'
import { refusals } from './recurring/refusals.ts'
import { removal } from './recurring/removal.ts'
import { settling } from './settling.ts'
import { ticking } from './ticking.ts'

const chapters = {
  migrating,
  enqueueing,
  claiming,
  ranking,
  performing,
  settling,
  leases,
  ticking,
  maintaining,
  limiting: [placing, givingBack, repairing],
  recurring: [occurrences, once, catchingUp, changing, refusals, deployments, removal],
  operating,
  cancelling,
  inspecting,
  explaining,
  'odd rows': oddRows,
}

/** What every driver does, on a database of its own. */
export function conformance(name: string, database: OpenDatabase): void {
  describe(name, () => {
    for (const [title, chapter] of Object.entries(chapters))
      describe(title, () => {
        for (const part of [chapter].flat()) part(database)
      })
  })
}
