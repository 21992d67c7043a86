import { sql } from 'kysely'
import { type Bind, type Move, move } from '../moves.ts'
import { thisBatch } from '../query.ts'
import { readIds } from '../readings.ts'
import { moveToReady } from './move-to-ready.ts'

const retryFailed = moveToReady(
  'failed',
  (now) => sql`attempts = 0, releases = 0, losses = 0, scheduled_at = ${now}, retried_at = ${now}`,
)

export function retry(bind: Bind, { ids }: { ids: readonly string[] }): Move<readonly string[]> {
  return move({ moved: bind(retryFailed, { list: ids, batch: thisBatch }) }, (results) => readIds(results.moved))
}
