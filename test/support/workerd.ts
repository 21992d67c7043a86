import { createTestHarness, type TestHarness } from 'wrangler'

/** The Worker of `wrangler.toml` in a real workerd, with an empty D1 database. Close it. */
export async function startWorker(vars: Record<string, string> = {}): Promise<TestHarness> {
  const harness = createTestHarness({ workers: [{ configPath: './wrangler.toml', vars }] })
  await harness.listen()
  return harness
}

/** The database of such a Worker. Close it. */
export async function startD1(): Promise<{ database: D1Database; close(): Promise<void> }> {
  const harness = await startWorker()
  const { DB } = await harness.getWorker<{ DB: D1Database }>().getEnv()
  return { database: DB, close: () => harness.close() }
}
