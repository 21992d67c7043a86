import { uuidOf } from './job/job-id.ts'
import { find, type StoredJob } from './transitions/find.ts'
import type { Runner } from './transitions/run.ts'

/**
 * The job of that id as it is stored, its result as JSON text; null when there is none.
 *
 * @throws ArgumentError when the id is no UUID
 */
export async function findStored({ driver, run }: Runner, id: unknown): Promise<StoredJob | null> {
  const [job] = await run(find(driver.dialect, { ids: [uuidOf(id)] }))
  return job ?? null
}
