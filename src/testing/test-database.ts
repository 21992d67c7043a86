import type { Driver } from '../dialects/driver.ts'
import { sqlite } from '../drivers/sqlite.ts'
import { ConfigurationError } from '../errors.ts'
import { describeError } from '../job/job-error.ts'
import { migrate } from '../migrate.ts'
import { requireSchema } from '../schema-version.ts'
import { runner } from '../transitions/run.ts'

/** The database of a test queue. */
export interface TestDatabase {
  /** By the clock of the test. */
  readonly driver: Driver
  /** Whether the application's own tables may be in it, too, so that a transaction can be one of both. */
  readonly isGiven: boolean
  /** The jobs, in the order in which they were stored: `id`, `task_name`, `payload`, `payload_meta`. */
  readonly inOrder: string
}

/**
 * SQLite in memory, with the tables of the queue.
 *
 * @throws ConfigurationError where `node:sqlite` does not work
 */
export async function inMemory(clock: () => number): Promise<TestDatabase> {
  const driver = sqlite(':memory:', { clock })
  const { prefix } = driver.dialect
  try {
    await driver.batch([])
  } catch (error) {
    throw new ConfigurationError('testQueue()', [
      {
        path: 'driver',
        message:
          `missing, and SQLite in memory needs node:sqlite, which does not work here (${describeError(error).message}); ` +
          'give the driver of a database of the test, as in testQueue(jobs, { driver: d1(env.DB) })',
      },
    ])
  }
  await migrate(driver)
  await driver.batch(noteOrder(prefix).map((sql) => ({ sql, parameters: [] })))
  const inOrder = `
    select j.id, j.task_name, j.payload, j.payload_meta
    from enqueued e cross join ${prefix}jobs j on j.id = e.job_id order by e.number`
  return { driver, isGiven: false, inOrder }
}

/**
 * Notes the order in which jobs are stored, in tables that only this connection sees. Instants are alike while the
 * clock stands still, and ids need not sort.
 */
const noteOrder = (prefix: string) => [
  'create temp table enqueued (number integer primary key, job_id text not null unique)',
  `create temp trigger note_order after insert on main.${prefix}jobs begin
    delete from enqueued where job_id = new.id;
    insert into enqueued (job_id) values (new.id);
  end`,
]

/**
 * The database of a driver, which stays open. Jobs of one instant are in the order of their ids, which is that of
 * enqueuing, save for ids of the application's own.
 *
 * @throws SchemaError when it has no tables of the queue
 */
export async function givenDatabase(given: Driver, clock: () => number): Promise<TestDatabase> {
  const dialect = given.dialect.withClock(clock)
  const driver: Driver = { ...given, dialect, close: async () => {} }
  await requireSchema(driver, runner(driver).run)
  const { schema, prefix } = dialect
  const jobs = `${schema === null ? '' : `"${schema}".`}${prefix}jobs`
  const inOrder = `
    select id, task_name, cast(payload as text) as payload, cast(payload_meta as text) as payload_meta
    from ${jobs} order by enqueued_at, id`
  return { driver, isGiven: true, inOrder }
}
