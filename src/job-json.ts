import { readStoredJson } from './job/stored-json.ts'
import type { StoredJob } from './transitions/find.ts'

/** A job as HTTP and the command line show it: plain JSON, instants as ISO 8601 text in UTC; null where there is nothing. */
export function jobJson({ result, resultMeta: _, ...job }: StoredJob): object {
  return { ...job, result: readStoredJson(result) }
}
