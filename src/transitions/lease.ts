import { sql } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { query, type Result } from '../dialects/query.ts'
import { claimed, processes } from '../dialects/tables.ts'
import { looking, type Transition, transition } from './transition.ts'

/** The worker in the row of a tombstone. No worker has this name. */
export const tombstoneWorker = ''

const extend = query<{ invocationId: string; leaseMs: number }>(
  ({ invocationId, leaseMs }, { now, after }) => sql`
    update ${processes} set last_heartbeat_at = ${now}, lease_expires_at = ${after(leaseMs)} where id = ${invocationId}`,
)

/** A row for each cancelled job of the invocation, or one row without a job; no row when the invocation was pruned. */
const heard = query<{ invocationId: string }>(
  ({ invocationId }) => sql`
    select p.id, c.job_id from ${processes} p left join ${claimed} c on c.process_id = p.id and c.cancel_requested
    where p.id = ${invocationId}`,
)

/** The ids of cancelled jobs; null when the invocation was pruned: its jobs are no longer its own. */
export type Heard = readonly string[] | null

const readHeard = ({ rows }: Result): Heard =>
  rows.length === 0 ? null : rows.flatMap((row) => (row['job_id'] === null ? [] : [String(row['job_id'])]))

/** Asks whether jobs of an invocation were cancelled. Writes nothing. */
export function listen(dialect: Dialect, input: { invocationId: string }): Transition<Heard> {
  return looking(dialect.bind(heard, input), readHeard)
}

/** Renews the lease of an invocation. */
export function renew(dialect: Dialect, input: { invocationId: string; leaseMs: number }): Transition<void> {
  return transition({ idempotent: true, steps: { extend: dialect.bind(extend, input) }, read: () => undefined })
}

/**
 * Writes the progress that the handlers of an invocation reported, where the jobs are still its own.
 *
 * @param reports job ids and JSON texts
 */
export function writeProgress(
  dialect: Dialect,
  input: { invocationId: string; reports: readonly { id: string; progress: string }[] },
): Transition<void> {
  return transition({
    idempotent: true,
    steps: { progress: dialect.moves.progress(dialect.bind, input) },
    read: () => undefined,
  })
}

const deleteProcess = query<{ invocationId: string }>(
  ({ invocationId }) => sql`
    delete from ${processes}
    where id = ${invocationId} and not exists (select 1 from ${claimed} where process_id = ${invocationId})`,
)

/**
 * Deletes the invocation's row if it holds no claim any more. Part of each batch that settles. Reads: whether the row
 * was deleted.
 */
export function retire(dialect: Dialect, input: { invocationId: string }): Transition<boolean> {
  return transition({
    idempotent: true,
    steps: { deleteProcess: dialect.bind(deleteProcess, input) },
    read: (results) => results.deleteProcess.affected > 0,
  })
}

const writeTombstone = query<{ invocationId: string; ms: number }>(
  ({ invocationId, ms }, { now, after }) => sql`
    insert into ${processes} (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
    values (${invocationId}, ${sql.lit(tombstoneWorker)}, 'ended', ${now}, ${now}, ${after(ms)})
    on conflict (id) do update set worker = excluded.worker, lease_expires_at = excluded.lease_expires_at
    where not exists (select 1 from ${claimed} where process_id = ${invocationId})`,
)

/** How long a tombstone is kept: a request that was given up does not take longer. */
const tombstoneMs = 300_000

/**
 * Retires an invocation whose first claim was sent again, if it holds no claim: its row stays for five minutes, as a
 * tombstone. The try that was given up may still come; without the row it would claim jobs for an invocation that has
 * ended.
 */
export function retireWithTombstone(dialect: Dialect, { invocationId }: { invocationId: string }): Transition<void> {
  return transition({
    idempotent: true,
    steps: { writeTombstone: dialect.bind(writeTombstone, { invocationId, ms: tombstoneMs }) },
    read: () => undefined,
  })
}
