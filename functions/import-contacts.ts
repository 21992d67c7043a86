import { type CsvError, parse } from 'csv-parse/sync'
import { z } from 'zod'
import { FinalError } from '../src/index.ts'
import { deliverWebhook, importContacts } from './queue.ts'
import { refuseForGood } from './refuse-for-good.ts'

type Contact = Readonly<Record<string, string>>

/** A row that was not imported. `line`: where its record ends, the header being line 1. */
interface Skipped {
  readonly line: number
  readonly reason: string
}

/** Rows that one batch enqueues. */
const batchSize = 500
/** Of more bad rows only the number is kept: a result must fit into the database. */
const maxSkippedListed = 1000

const email = z.email()

/**
 * Each row's job has an id made of the import's own and the row, so running it again after a crash enqueues no row twice.
 */
export const performImportContacts = importContacts.perform(async (input, { signal, progress, queue, childId }) => {
  const { rows, skipped } = readContacts(input.csv ?? (await download(input.url as string, signal)))
  for (let imported = 0; imported < rows.length; imported += batchSize) {
    signal.throwIfAborted()
    const batch = rows.slice(imported, imported + batchSize)
    const calls = batch.map(async ({ line, contact }) =>
      deliverWebhook
        .using({ id: await childId(JSON.stringify([line, contact])) })
        .call({ url: input.webhook, payload: contact, secret: input.secret }),
    )
    await queue.enqueueAll(await Promise.all(calls))
    progress({ imported: imported + batch.length, of: rows.length })
  }
  const listed = skipped.slice(0, maxSkippedListed)
  return {
    imported: rows.length,
    skipped: listed,
    ...(listed.length < skipped.length ? { skippedCount: skipped.length } : {}),
  }
})

/** @throws FinalError when it is no CSV with an `email` column */
function readContacts(csv: string): { rows: { line: number; contact: Contact }[]; skipped: Skipped[] } {
  const skipped: Skipped[] = []
  let columns: string[] = []
  const records: { record: Contact; info: { lines: number } }[] = parse(csv, {
    bom: true,
    trim: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error: CsvError | undefined) => {
      skipped.push({ line: Number(error?.['lines']), reason: error?.message ?? 'cannot be read' })
    },
    columns: (header: string[]) => {
      columns = header.map((name) => (name.toLowerCase() === 'email' ? 'email' : name))
      return columns
    },
  })
  if (!columns.includes('email'))
    throw new FinalError(`The CSV needs a column "email"; it has ${columns.join(', ') || 'nothing'}.`)
  const rows = records.flatMap(({ record, info }) => {
    if (email.safeParse(record['email']).success) return [{ line: info.lines, contact: record }]
    skipped.push({ line: info.lines, reason: `"${record['email'] ?? ''}" is no email address` })
    return []
  })
  return { rows, skipped: skipped.toSorted((a, b) => a.line - b.line) }
}

async function download(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal })
  await refuseForGood(response, url)
  return response.text()
}
