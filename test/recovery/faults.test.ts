import { expect, inject, onTestFinished, test } from 'vitest'
import { DatabaseError, type Driver } from '../../src/dialects/driver.ts'
import { neon } from '../../src/drivers/neon.ts'
import { pg } from '../../src/drivers/pg.ts'
import { defineQueue, fixed, type Queue, task } from '../../src/index.ts'
import { newId } from '../../src/job/job-id.ts'
import { migrate } from '../../src/migrate.ts'
import { newSchema } from '../support/databases.ts'
import { faultsOf } from '../support/invariants.ts'
import { type Fault, startNeonGateway } from '../support/neon-gateway.ts'
import { silent } from '../support/open-queue.ts'
import { rowsOf, table } from '../support/tables.ts'
import { tick } from '../../src/ticks/index.ts'

/** At least so many. They are stored by one request for two jobs, so that there are many to lose. */
const jobs = process.env['STEADYTICK_LONG'] ? 40_000 : 4000

/** Ten answers in a hundred are lost after the commit, five requests before; two are done while they are sent again. */
function faultOf(random: number): Fault | null {
  if (random < 0.1) return 'answer lost'
  if (random < 0.15) return 'request lost'
  return random < 0.17 ? 'done late' : null
}

/** Notes each time that an attempt of a job is settled. */
async function auditSettlements(driver: Driver): Promise<void> {
  const { schema } = driver.dialect
  await driver.batch(
    [
      `create table ${schema}.settlements (job_id uuid not null)`,
      `create function ${schema}.note_settlement() returns trigger language plpgsql as
        $$ begin insert into ${schema}.settlements values (new.id); return null; end $$`,
      `create trigger note_settlement after update on ${table(driver, 'jobs')} for each row
        when (new.finished_at is not null or new.attempts <> old.attempts) execute function ${schema}.note_settlement()`,
    ].map((sql) => ({ sql, parameters: [] })),
  )
}

/** Does it again when even the runner's eight tries were not enough: as a caller would. */
async function insist<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error
    }
  }
}

test('where requests and answers are lost, no job is lost, stored twice, performed twice or settled twice', async () => {
  const schema = newSchema()
  const direct = pg(inject('postgresUrl'), { schema })
  await migrate(direct)
  await auditSettlements(direct)
  const gateway = await startNeonGateway(inject('postgresUrl'))
  onTestFinished(async () => {
    await direct.close()
    await gateway.close()
  })
  const faults = new Map<Fault | null, number>()
  gateway.breakWith(() => {
    const fault = faultOf(Math.random())
    faults.set(fault, (faults.get(fault) ?? 0) + 1)
    return fault
  })
  const performed = new Map<string, number>()
  const count = task('count', {
    maxAttempts: 2,
    backoff: fixed(0),
    run: ({ fail }: { fail: boolean }, { job, attempt }) => {
      performed.set(job.id, (performed.get(job.id) ?? 0) + 1)
      if (fail && attempt === 1) throw new Error('once')
    },
  })
  const definition = defineQueue({
    tasks: [count],
    logger: silent,
    connect: () => ({ driver: neon(gateway.url, { schema }) }),
  })
  const expected = new Map<string, number>()
  const newCall = () => {
    const id = newId()
    const fail = expected.size % 10 === 0
    expected.set(id, fail ? 2 : 1)
    return count.using({ id }).call({ fail })
  }

  const enqueue = async (queue: Queue) => {
    while (expected.size < jobs) {
      // One, one, one, and five.
      const call = newCall()
      await insist(() => queue.enqueueAll([call]))
      if (expected.size % 8 !== 3) continue
      const calls = Array.from({ length: 5 }, newCall)
      await insist(() => queue.enqueueAll(calls))
    }
  }
  /** Jobs that are still to run. */
  const waiting = async () => {
    const [row] = await rowsOf(
      direct,
      `select (select count(*) from ${table(direct, 'ready_executions')})
        + (select count(*) from ${table(direct, 'scheduled_executions')}) as count`,
    )
    return Number(row?.['count'])
  }
  let enqueuing = true
  const reports: Awaited<ReturnType<typeof tick>>[] = []
  const work = async (queue: Queue) => {
    for (;;) {
      const more = enqueuing
      const report = await tick(queue)
      reports.push(report)
      if (!more && report.claimed === 0 && (await waiting()) === 0) return
    }
  }
  const producing = Promise.all(Array.from({ length: 6 }, () => enqueue(definition.open()))).finally(() => {
    enqueuing = false
  })
  await Promise.all([producing, ...Array.from({ length: 4 }, () => work(definition.open()))])

  const sum = (of: (report: (typeof reports)[number]) => number) =>
    reports.reduce((total, report) => total + of(report), 0)
  const stored = await rowsOf(direct, `select id, attempts, finished_at from ${table(direct, 'jobs')}`)
  const settlements = await rowsOf(
    direct,
    `select job_id, count(*) as times from ${schema}.settlements group by job_id`,
  )
  expect(stored.map(({ id }) => id).toSorted()).toEqual([...expected.keys()].toSorted())
  expect(stored.filter(({ finished_at }) => finished_at === null)).toEqual([])
  expect([...performed].filter(([id, times]) => times !== expected.get(id))).toEqual([])
  expect(stored.filter(({ id, attempts }) => attempts !== expected.get(String(id)))).toEqual([])
  expect(settlements.filter(({ job_id, times }) => Number(times) !== expected.get(String(job_id)))).toEqual([])
  expect([sum((report) => report.succeeded), sum((report) => report.stale)]).toEqual([expected.size, 0])
  expect(await faultsOf(direct)).toEqual([])
  expect(gateway.requests()).toBeGreaterThan(jobs / 2)
  for (const fault of ['answer lost', 'request lost', 'done late'] as const)
    expect(faults.get(fault)).toBeGreaterThan(0)
}, 240_000)
