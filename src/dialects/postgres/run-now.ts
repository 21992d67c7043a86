import { sql } from 'kysely'
import { type Bind, type Move, move } from '../moves.ts'
import { thisBatch } from '../query.ts'
import { readIds } from '../readings.ts'
import { moveToReady } from './move-to-ready.ts'

const dispatchNow = moveToReady('scheduled', (now) => sql`scheduled_at = least(scheduled_at, ${now})`)

export function runNow(bind: Bind, { ids }: { ids: readonly string[] }): Move<readonly string[]> {
  return move({ moved: bind(dispatchNow, { list: ids, batch: thisBatch }) }, (results) => readIds(results.moved))
}
