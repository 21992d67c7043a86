import { readFileSync } from 'node:fs'
import { Client } from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { pg } from '../../src/drivers/pg.ts'
import { defineQueue, fixed, task, typed } from '../../src/index.ts'
import { migrate } from '../../src/migrate.ts'
import { newSchema } from '../support/databases.ts'
import { silent } from '../support/open-queue.ts'
import { newRole } from '../support/roles.ts'
import { rowsOf, table } from '../support/tables.ts'
import { manage } from '../../src/manage/index.ts'
import { maintain, tick } from '../../src/ticks/index.ts'

const page = readFileSync('docs/database-rights.md', 'utf8')

/** The SQL of a section of the guide. */
const sqlOf = (heading: string): string => {
  const section = page.split('\n## ').find((text) => text.startsWith(heading)) ?? ''
  return /```sql\n([\s\S]*?)```/.exec(section)?.[1] ?? ''
}

const plain = task('plain', {
  input: typed<{ a: number } | undefined>(),
  maxAttempts: 2,
  backoff: fixed(0),
  run: () => 'done',
})
const limited = task('limited', { concurrency: { key: 'one' }, run: () => {} })
const skipped = task('skipped', { concurrency: { key: 'one', group: 'limited', onConflict: 'skip' }, run: () => {} })
const id = '019b0000-0000-7000-8000-000000000001'

/** A queue as a new role that has the rights which the guide gives the role `as`, and one as the owner of the tables. */
async function openAs(as: string, heading: string) {
  const schema = newSchema()
  const owner = await newRole(inject('postgresUrl'))
  await owner.administer(`create schema "${schema}" authorization ${owner.name}`)
  const role = await newRole(inject('postgresUrl'))
  const open = (url: string) => {
    const driver = pg({ connectionString: url, max: 2 }, { schema })
    onTestFinished(() => driver.close())
    const jobs = defineQueue({ tasks: [plain, limited, skipped], connect: () => ({ driver }), logger: silent })
    return { driver, queue: jobs.open() }
  }
  const owning = open(owner.url)
  await migrate(owning.driver)
  const given = sqlOf(heading)
    .replaceAll(/\bsteadytick\b/g, `"${schema}"`)
    .replaceAll(as, role.name)
  await owner.administer(given)
  return { ...open(role.url), url: role.url, owning }
}

test('a role that only enqueues enqueues whatever there is, and can read no payload nor move a job', async () => {
  const { queue, driver, owning } = await openAs('enqueuer', 'A role that only enqueues')

  await queue.check()
  await queue.enqueue(plain, { a: 1 })
  await queue.enqueue(plain, undefined, { runAfter: '1h' })
  await queue.enqueueAll(
    plain,
    Array.from({ length: 20 }, () => undefined),
  )
  expect((await queue.enqueue(limited)).state).toBe('ready')
  expect((await queue.enqueue(limited)).state).toBe('blocked')
  expect(await queue.enqueue(skipped)).toMatchObject({ id: null, state: 'skipped' })
  await queue.enqueue(plain, undefined, { id })
  expect(await queue.enqueue(plain, undefined, { id })).toEqual({ id, state: 'ready', created: false })

  const refused = /permission denied/
  for (const column of ['payload', 'result', 'errors'])
    await expect(rowsOf(driver, `select ${column} from ${table(driver, 'jobs')}`)).rejects.toThrow(refused)
  await expect(queue.find(id)).rejects.toThrow(refused)
  await expect(manage(queue).jobs.discard(id)).rejects.toThrow(refused)
  await expect(tick(queue)).rejects.toThrow(refused)
  expect((await manage(owning.queue).jobs.counts()).ready.count).toBe(23)
})

test('a role that only enqueues does so in a transaction of its own', async () => {
  const { queue, url, owning } = await openAs('enqueuer', 'A role that only enqueues')
  const client = new Client(url)
  await client.connect()
  onTestFinished(() => client.end())

  for (let again = 0; again < 2; again += 1) {
    await client.query('begin')
    expect(await queue.in(client).enqueue(plain, undefined, { id })).toEqual({
      id,
      state: 'ready',
      created: again === 0,
    })
    await client.query('commit')
  }

  expect((await manage(owning.queue).jobs.counts()).ready.count).toBe(1)
})

test('a role that performs does all that ticks and people do', async () => {
  const { queue } = await openAs('worker', 'A role that performs')

  await queue.enqueue(plain)
  await queue.enqueueAll(limited, [undefined, undefined])
  expect(await tick(queue)).toMatchObject({ succeeded: 3 })
  await maintain(queue)
  await manage(queue).queues.pause('mail')
  await manage(queue).recurring.create('hourly', { task: plain, schedule: '@hourly' })
  expect((await manage(queue).recurring.list()).items).toHaveLength(1)
  await queue.enqueue(plain)
  expect(await manage(queue).jobs.discardAll({ state: 'ready' })).toMatchObject({ count: 1 })
})

test('a role that looks sees all, and changes nothing', async () => {
  const { queue, owning } = await openAs('viewer', 'A role that looks')
  const stored = await owning.queue.enqueue(plain, { a: 1 })

  expect(await queue.find(stored.id)).toMatchObject({ payload: { a: 1 } })
  expect((await manage(queue).queues.list()).items).toHaveLength(1)
  expect(await manage(queue).jobs.explain(stored.id)).not.toBeNull()
  await expect(queue.enqueue(plain)).rejects.toThrow(/permission denied/)
  await expect(manage(queue).jobs.cancel(stored.id)).rejects.toThrow(/permission denied/)
})
