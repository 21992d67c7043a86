import { fork } from 'node:child_process'
import { afterAll, expect, inject, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { pg } from '../../src/drivers/pg.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { migrate } from '../../src/migrate.ts'
import { newSchema } from '../support/databases.ts'
import { newFile } from '../support/folders.ts'
import { faultsOf } from '../support/invariants.ts'
import { rowsOf, table } from '../support/tables.ts'
import { type Crew, limits, overlaps, raceLimits, type Seen } from './limits.ts'

const total = process.env['STEADYTICK_LONG'] === '1' ? 20_000 : 2000
const limitMs = 600_000

/** What must hold once everything has come to its end, without any maintenance. */
async function expectWhole(driver: Driver, seen: readonly Seen[]): Promise<void> {
  const all = {
    performings: seen.flatMap(({ performings }) => performings),
    stored: seen.flatMap(({ stored }) => stored),
    discarded: new Set(seen.flatMap(({ discarded }) => discarded)),
    snapshots: seen.reduce((sum, { snapshots }) => sum + snapshots, 0),
  }
  const most = overlaps(all.performings)
  process.stdout.write(
    `${driver.dialect.name}: ${all.stored.length} stored, ${all.performings.length} performings, ${all.discarded.size} discarded, ${all.snapshots} snapshots; most at once ${JSON.stringify(most)}\n`,
  )

  expect(seen.flatMap(({ broken }) => broken)).toEqual([])
  expect(seen.reduce((sum, { deadlocks }) => sum + deadlocks, 0)).toBe(0)
  for (const [key, limit] of Object.entries(limits))
    expect([key, most[key]]).toEqual([key, Math.min(most[key] as number, limit)])
  expect(await faultsOf(driver)).toEqual([])
  expect(await rowsOf(driver, `select job_id from ${table(driver, 'blocked_executions')}`)).toEqual([])
  expect(await rowsOf(driver, `select job_id from ${table(driver, 'permits')}`)).toEqual([])
  // Nothing is lost, and what succeeded did so once.
  const left = new Set((await rowsOf(driver, `select id from ${table(driver, 'jobs')}`)).map(({ id }) => String(id)))
  expect(all.stored.filter((id) => !left.has(id) && !all.discarded.has(id))).toEqual([])
  const succeeded = all.performings.filter((performing) => performing.succeeded).map(({ id }) => id)
  expect(succeeded.length - new Set(succeeded).size).toBe(0)
}

test(
  'postgres: limits hold while jobs are produced, performed, lost, retried, discarded and maintained at once',
  async () => {
    const driver = pg({ connectionString: inject('postgresUrl'), max: 20 }, { schema: newSchema() })
    await migrate(driver)

    const seen = await raceLimits(driver, { producers: 5, workers: 8, disturbed: true, jobs: total / 5 })

    await expectWhole(driver, [seen])
    await driver.close()
  },
  limitMs,
)

const racers: ReturnType<typeof fork>[] = []
afterAll(() => {
  for (const racer of racers) racer.kill('SIGKILL')
})

/** A process of its own. */
function crewOf(file: string, crew: Crew): Promise<Seen> {
  const racer = fork(new URL('./limits-racer.ts', import.meta.url), {
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  racers.push(racer)
  return new Promise((resolve, reject) => {
    racer.once('message', (seen) => resolve(seen as Seen))
    racer.once('exit', (code) => reject(new Error(`a racer ended with ${code}`)))
    racer.send({ file, crew })
  })
}

test(
  'sqlite: the same, by several processes',
  async () => {
    const file = newFile()
    const driver = sqlite(file)
    await migrate(driver)
    const jobs = Math.round(total / 5)

    const seen = await Promise.all([
      crewOf(file, { producers: 2, workers: 3, disturbed: true, jobs }),
      crewOf(file, { producers: 2, workers: 3, disturbed: true, jobs }),
      crewOf(file, { producers: 1, workers: 2, disturbed: false, jobs }),
    ])

    await expectWhole(driver, seen)
    await driver.close()
  },
  limitMs,
)
