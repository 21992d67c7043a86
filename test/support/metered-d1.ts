import type { D1Binding } from '../../src/drivers/d1.ts'

/** What D1 says of a statement. Cloudflare bills both. */
interface Counted {
  readonly meta: { readonly rows_read: number; readonly rows_written: number }
}

/** A binding that counts its batches, and adds up the rows that D1 read and wrote. */
export function meter(database: D1Binding): {
  binding: D1Binding
  rows: { read: number; written: number }
  batches(): number
} {
  const rows = { read: 0, written: 0 }
  let batches = 0
  const binding: D1Binding = {
    prepare: (sql) => database.prepare(sql),
    async batch(statements) {
      batches += 1
      const answers = await database.batch(statements)
      for (const { meta } of answers as readonly Counted[]) {
        rows.read += meta.rows_read
        rows.written += meta.rows_written
      }
      return answers
    },
  }
  return { binding, rows, batches: () => batches }
}
