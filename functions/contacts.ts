import { Buffer, isUtf8 } from 'node:buffer'
import { parse } from 'csv-parse/stream'
import { z } from 'zod'
import { FinalError } from '../src/index.ts'

/** A row with a valid address, by the names of its columns. `line`: where its record ends; the header is line 1. */
export interface Contact {
  readonly line: number
  readonly values: Readonly<Record<string, string>>
}

/** A row that is no contact, and the reason. */
export interface Skipped {
  readonly line: number
  readonly reason: string
}

export interface ReadOptions {
  /** How many contacts a batch has at most. */
  readonly batchSize: number
  /** How many bytes each job holds beside its contact. */
  readonly copied: number
  readonly signal: AbortSignal
  readonly skip: (skipped: Skipped) => void
}

/** A few bytes may make many rows, and each row a job. */
const maxLines = 50_000
/** Characters in the names of all columns. */
const maxHeaderLength = 2048
/**
 * Bytes that all jobs of an import hold beside their rows: each job repeats the names of all columns, and the options
 * of the import.
 */
const maxCopiedBytes = 32 * 1024 * 1024
/** Cells in a line: ten million commas would make as many texts. */
const maxCells = 1000
/** Characters in an address (RFC 5321). A longer one may exhaust the stack of the expression that checks it. */
const maxEmailLength = 254
/** Characters of a row that a reason shows. */
const maxReasonLength = 200
/** Bytes that are parsed in one turn of the event loop. */
const sliceBytes = 65_536

/**
 * Names that no payload may have:
 * https://cheatsheetseries.owasp.org/cheatsheets/Prototype_Pollution_Prevention_Cheat_Sheet.html
 */
const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

const email = z.email()

/**
 * Reads a CSV batch by batch, so that other handlers have their turn in between. A line ends in `\r\n`, `\n` or `\r`,
 * even if the first line ended otherwise; columns without a name are left out.
 *
 * @param csv UTF-8, with a byte order mark or without
 * @throws FinalError when the text is no CSV with one column "email", or has too many lines. The message repeats
 *   nothing of the CSV: a server that was asked for one may have answered anything
 */
export async function* readContacts(
  csv: Uint8Array,
  { batchSize, copied, signal, skip }: ReadOptions,
): AsyncGenerator<readonly Contact[]> {
  if (!isUtf8(csv)) throw new FinalError('The CSV is not in UTF-8. Save it as UTF-8.')
  const lines = countLines(csv)
  if (lines > maxLines) throw new FinalError(`The CSV has ${lines} lines; ${maxLines} are the most. Split it.`)
  let hasHeader = false
  const records = slicesOf(csv, signal).pipeThrough<{ record: Contact['values']; info: { lines: number } }>(
    parse({
      bom: true,
      // A quote where none belongs is part of its cell: otherwise the parser would take the rest of the text for a cell
      // in quotes. The parser must therefore not trim (it would drop the text behind such a quote), and spaces behind a
      // closing quote are cut off here.
      relax_quotes: true,
      ltrim: true,
      cast(cell, { quoting, index, lines: line }) {
        if (index >= maxCells)
          throw new FinalError(`Line ${line} of the CSV has more than ${maxCells} cells, which are the most.`)
        return quoting ? cell.replace(/^"([^]*)"[ \t]+$/, '$1') : cell.trimEnd()
      },
      info: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip(error) {
        const reason = shortened(error?.message ?? 'cannot be read', maxReasonLength)
        skip({ line: Number(error?.['lines']), reason })
        return undefined
      },
      columns(header: string[]) {
        hasHeader = true
        const columns = columnsOf(header)
        const each = Buffer.byteLength(JSON.stringify(header)) + copied
        if (each * lines > maxCopiedBytes)
          throw new FinalError(
            `Each of ${lines} jobs would hold a copy of the ${each} bytes of the header, "webhook" and "secret"; ` +
              `${maxCopiedBytes} bytes in all are the most. Shorten them, or split the CSV.`,
          )
        return columns
      },
    }),
  )
  let batch: Contact[] = []
  for await (const { record, info } of records) {
    const address = record['email'] ?? ''
    if (address.length > maxEmailLength || !email.safeParse(address).success) {
      skip({ line: info.lines, reason: `${JSON.stringify(shortened(address, 100))} is no email address` })
      continue
    }
    batch.push({ line: info.lines, values: record })
    if (batch.length < batchSize) continue
    yield batch
    batch = []
    await turn(signal)
  }
  if (!hasHeader) throw new FinalError('The CSV is empty. It needs a column "email".')
  if (batch.length > 0) yield batch
}

/** The names of the columns for the parser; false: it leaves the column out. */
function columnsOf(header: readonly string[]): (string | false)[] {
  const names = header.map((name) => (name.toLowerCase() === 'email' ? 'email' : name))
  const length = names.reduce((sum, name) => sum + name.length, 0)
  if (length > maxHeaderLength)
    throw new FinalError(`The header of the CSV has ${length} characters; ${maxHeaderLength} are the most.`)
  const seen = new Map<string, number>()
  for (const [index, name] of names.entries()) {
    const column = index + 1
    const first = seen.get(name)
    if (first !== undefined && name !== '')
      throw new FinalError(
        `Columns ${first} and ${column} of the CSV have the same name${name === 'email' ? ', "email"' : ''}. Rename one.`,
      )
    seen.set(name, column)
    if (forbidden.has(name))
      throw new FinalError(`Column ${column} of the CSV has the name "${name}", which cannot be stored. Rename it.`)
  }
  if (!seen.has('email')) throw new FinalError(`The CSV needs a column "email"; none of its ${names.length} is.`)
  return names.map((name) => (name === '' ? false : name))
}

const shortened = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length).toWellFormed()}…` : text

/** Slices of the bytes, each in its own turn of the event loop. */
function slicesOf(bytes: Uint8Array, signal: AbortSignal): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream({
    async pull(controller) {
      await turn(signal)
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.subarray(at, at + sliceBytes))
      at += sliceBytes
    },
  })
}

/** Lets other handlers have their turn. @throws the signal's reason when it was aborted */
async function turn(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve)
  })
  signal.throwIfAborted()
}

/** An upper bound of the records: a line break in quotes counts, too. */
function countLines(bytes: Uint8Array): number {
  const [lf, cr] = [10, 13]
  let lines = 1
  for (let at = 0; at < bytes.length; at += 1)
    if (bytes[at] === lf || (bytes[at] === cr && bytes[at + 1] !== lf)) lines += 1
  return lines
}
