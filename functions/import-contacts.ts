import { Buffer } from 'node:buffer'
import { type Skipped, readContacts } from './contacts.ts'
import { download } from './download.ts'
import { deliverWebhook, importContacts } from './queue.ts'
import type { Send } from './send.ts'
import { keyFor } from './webhook-secret.ts'

/** How many contacts one batch enqueues. */
const batchSize = 500
/** How many bad rows are listed; further rows are only counted, since a result must fit into the database. */
const maxSkippedListed = 1000
const maxDownloadBytes = 10_485_760

/**
 * The id of a row's job is made of the import's id and the row, so a second run after a crash enqueues no row twice.
 *
 * @param send fetches the CSV where a URL is given
 */
export const performImportContacts = (send: Send) =>
  importContacts.perform(async ({ csv, url, webhook, secret, secretName }, { signal, progress, queue, childId }) => {
    // Throws before a row is enqueued: a missing secret would fail each of the deliveries.
    keyFor({ secret, secretName })
    const bytes =
      csv === undefined
        ? await download(url as string, { send, signal, maxBytes: maxDownloadBytes })
        : new TextEncoder().encode(csv)
    const copied = Buffer.byteLength(JSON.stringify({ webhook, secret, secretName }))
    const skipped: Skipped[] = []
    const skip = (row: Skipped) => skipped.push(row)
    let imported = 0
    for await (const batch of readContacts(bytes, { batchSize, copied, signal, skip })) {
      const calls = batch.map(async ({ line, values }) =>
        deliverWebhook
          .using({ id: await childId(JSON.stringify([line, values])) })
          .call({ url: webhook, payload: values, secret, secretName }),
      )
      await queue.enqueueAll(await Promise.all(calls))
      imported += batch.length
      progress({ imported, skipped: skipped.length })
    }
    const listed = skipped.toSorted((a, b) => a.line - b.line).slice(0, maxSkippedListed)
    return {
      imported,
      skipped: listed,
      ...(listed.length < skipped.length ? { skippedCount: skipped.length } : {}),
    }
  })
