import { sql } from 'kysely'
import type { Bind } from '../moves.ts'
import { type Statement, thisBatch } from '../query.ts'
import { moveToReady } from './move-to-ready.ts'

const dispatchNow = moveToReady('scheduled', (now) => sql`scheduled_at = least(scheduled_at, ${now})`)

export function runNow(bind: Bind, { ids }: { ids: readonly string[] }): Statement[] {
  return [bind(dispatchNow, { list: JSON.stringify(ids), batch: thisBatch })]
}
