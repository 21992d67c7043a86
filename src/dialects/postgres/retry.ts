import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { type Statement, thisBatch } from '../query.ts'
import { moveToReady } from './move-to-ready.ts'

const retryFailed = moveToReady('failed', (now) => sql`attempts = 0, releases = 0, scheduled_at = ${now}`)

export function retry(bind: Bind, { ids }: { ids: readonly string[] }): Statement[] {
  return [bind(retryFailed, { list: JSON.stringify(ids), batch: thisBatch })]
}
