import { describe } from 'vitest'
import type { OpenDatabase } from '../support/databases.ts'
import { cancelling } from './cancelling.ts'
import { claiming } from './claiming.ts'
import { enqueueing } from './enqueueing.ts'
import { explaining } from './explaining.ts'
import { inspecting } from './inspecting.ts'
import { leases } from './leases.ts'
import { limiting } from './limiting.ts'
import { maintaining } from './maintaining.ts'
import { migrating } from './migrating.ts'
import { oddRows } from './odd-rows.ts'
import { operating } from './operating.ts'
import { performing } from './performing.ts'
import { ranking } from './ranking.ts'
import { recurring } from './recurring.ts'
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
  limiting,
  recurring,
  operating,
  cancelling,
  inspecting,
  explaining,
  'odd rows': oddRows,
}

/** What every driver does, on a database of its own. */
export function conformance(name: string, database: OpenDatabase): void {
  describe(name, () => {
    for (const [title, chapter] of Object.entries(chapters)) describe(title, () => chapter(database))
  })
}
