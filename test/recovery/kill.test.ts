import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { expect, inject, test } from 'vitest'
import type { Driver } from '../../src/dialects/driver.ts'
import { pg } from '../../src/drivers/pg.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { newFile } from '../support/folders.ts'
import { brokenJobs } from '../support/invariants.ts'
import { startReceiver } from '../support/receiver.ts'
import { type Started, startSteadytick } from '../support/steadytick.ts'
import { rowsOf, table } from '../support/tables.ts'

const rows = process.env['STEADYTICK_LONG'] ? 10_000 : 2000
const kills = 5

const databases = {
  sqlite: async () => {
    const file = newFile()
    return { url: `file:${file}`, open: (): Driver => sqlite(file) }
  },
  postgres: async () => {
    const name = `kill_${randomBytes(6).toString('hex')}`
    const admin = new Client({ connectionString: inject('postgresUrl') })
    await admin.connect()
    await admin.query(`create database ${name}`)
    await admin.end()
    const url = inject('postgresUrl').replace(/\/postgres$/, `/${name}`)
    return { url, open: (): Driver => pg(url) }
  },
}

const csv = ['email,name', ...Array.from({ length: rows }, (_, index) => `contact${index}@example.com,N${index}`)]

test.concurrent.for(Object.entries(databases))(
  '%s: an import goes on through five kills, and every row is delivered',
  { timeout: 240_000 },
  async ([, prepare], { onTestFinished }) => {
    const { url, open } = await prepare()
    const receiver = await startReceiver()
    let started: Started = await startSteadytick({ DATABASE_URL: url })
    const driver = open()
    onTestFinished(async () => {
      await started.stop('SIGKILL')
      receiver.close()
      await driver.close()
    })
    const finished = async (): Promise<string[]> => {
      const done = await rowsOf(driver, `select id from ${table(driver, 'jobs')} where finished_at is not null`)
      return done.map(({ id }) => String(id))
    }
    const countsOf = () => {
      const counts = new Map<string, number>()
      for (const { headers } of receiver.deliveries) {
        const id = headers['webhook-id'] as string
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
      return counts
    }

    const posted = await fetch(`${started.url}/api/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ task: 'import-contacts', payload: { csv: csv.join('\n'), webhook: receiver.url } }),
    })
    const { id: importId } = await posted.json<{ id: string }>()
    // What was settled when a process was killed must not be delivered again: job id → its deliveries by then.
    const settled = new Map<string, number>()
    for (let kill = 1; kill <= kills; kill += 1) {
      await expect
        .poll(() => receiver.deliveries.length, { timeout: 60_000, interval: 5 })
        .toBeGreaterThan((rows / (kills + 1)) * kill * 0.9)
      await started.stop('SIGKILL')
      const counts = countsOf()
      for (const id of await finished()) if (!settled.has(id)) settled.set(id, counts.get(id) ?? 0)
      expect(await brokenJobs(driver)).toEqual([])
      started = await startSteadytick({ DATABASE_URL: url })
    }

    // The jobs of the killed processes come back once their leases of 30 s have expired.
    await expect.poll(async () => (await finished()).length, { timeout: 120_000, interval: 250 }).toBe(rows + 1)

    const job = await (await fetch(`${started.url}/api/jobs/${importId}`)).json<Record<string, unknown>>()
    const stopped = await started.stop('SIGTERM')
    const counts = countsOf()
    expect(job).toMatchObject({ state: 'finished', result: { imported: rows, skipped: [] } })
    expect(new Set(receiver.deliveries.map(({ body }) => body)).size).toBe(rows)
    expect(counts.size).toBe(rows)
    for (const [id, before] of settled) expect(counts.get(id) ?? 0).toBe(before)
    expect(settled.size).toBeGreaterThan(rows / 2)
    expect(await brokenJobs(driver)).toEqual([])
    expect(stopped).toBe(0)
  },
)
