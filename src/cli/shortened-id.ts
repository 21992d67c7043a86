import { InvalidArgumentError } from 'commander'
import { isJobId } from '../job/job-id.ts'
import type { Queue } from '../queue.ts'
import { findIds } from '../transitions/find-ids.ts'
import { runner } from '../transitions/run.ts'
import { UsageError } from './usage-error.ts'

const firstId = '00000000-0000-0000-0000-000000000000'
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
/** Fewer characters are more likely a mistake than an id. */
const leastCharacters = 8
/** Jobs of one minute or so share the first eight characters of their ids, so some more are shown. */
const shownMax = 5

/** Reads a job's id, or its beginning. */
export function idOf(text: string): string {
  if (text.length >= leastCharacters && isJobId(text + firstId.slice(text.length))) return text.toLowerCase()
  throw new InvalidArgumentError(
    `A job id is a UUID, as enqueue printed it; its first ${leastCharacters} characters or more will do.`,
  )
}

/** Adds one id to those before. */
export const idsOf = (text: string, before: readonly string[] = []): readonly string[] => [...before, idOf(text)]

/**
 * The whole id of a job whose id begins so; null when there is none. A whole id is given back as it is.
 *
 * @throws UsageError naming the ids, when several begin so
 */
export async function wholeId({ driver }: Queue, id: string): Promise<string | null> {
  if (id.length === firstId.length) return id
  const range = { first: id + firstId.slice(id.length), last: id + lastId.slice(id.length), max: shownMax + 1 }
  const ids = await runner(driver).run(findIds(driver.dialect, range))
  if (ids.length > 1)
    throw new UsageError(
      `Several jobs have an id that begins with "${id}": ${ids.slice(0, shownMax).join(', ')}${ids.length > shownMax ? ', …' : ''}. Give more of it.`,
    )
  return ids[0] ?? null
}
