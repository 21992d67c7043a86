import { createTestHarness, type TestHarness } from 'wrangler'

/** The Worker of `wrangler.toml` in a real workerd, with an empty D1 database. Close it. */
export async function startWorker(vars: Record<string, string> = {}): Promise<TestHarness> {
  const harness = createTestHarness({ workers: [{ configPath: './wrangler.toml', vars }] })
  await harness.listen()
  return harness
}
