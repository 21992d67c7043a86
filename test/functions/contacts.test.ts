import { expect, test } from 'vitest'
import { type Contact, readContacts, type Skipped } from '../../functions/contacts.ts'

const rows = 20_000
const csvOf = (address: (row: number) => string) =>
  new TextEncoder().encode(
    `email,name\n${Array.from({ length: rows }, (_, row) => `${address(row)},N${row}\n`).join('')}`,
  )

async function collect(
  csv: Uint8Array,
  { signal = new AbortController().signal, batchSize = 500, skip = (_: Skipped) => {} } = {},
): Promise<Contact[][]> {
  const batches: Contact[][] = []
  for await (const batch of readContacts(csv, { batchSize, copied: 100, signal, skip })) batches.push([...batch])
  return batches
}

test('contacts come in batches, in order, each once', async () => {
  const batches = await collect(csvOf((row) => `a${row}@b.co`))

  expect(batches).toHaveLength(rows / 500)
  expect(batches.flat().map(({ line, values }) => [line, values])).toEqual(
    Array.from({ length: rows }, (_, row) => [row + 2, { email: `a${row}@b.co`, name: `N${row}` }]),
  )
})

test.each([
  ['whose rows are contacts', (row: number) => `a${row}@b.co`],
  ['whose rows are none', () => 'nobody'],
])('a CSV %s lets others have their turn, and stops at an abort', async (_, address) => {
  const controller = new AbortController()
  const reason = new Error('stop')
  let skipped = 0
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
    if (turns === 3) controller.abort(reason)
  })

  const collecting = collect(csvOf(address), { signal: controller.signal, skip: () => (skipped += 1) })

  await expect(collecting).rejects.toBe(reason)
  clearInterval(timer)
  expect(skipped).toBeLessThan(rows)
})

test.each([1, 2, 3, 4, 5])(
  'a line end of two bytes may be cut between two slices (%i bytes before)',
  async (before) => {
    const csv = new TextEncoder().encode(
      `email\r\n${'x'.repeat(65_536 - 7 - before)}\r\na@b.co\r\n"c@d.co"\r\né@f.co\r\nd@e.co`,
    )

    const [batch] = await collect(csv)

    expect(batch?.map(({ line, values }) => [line, values['email']])).toEqual([
      [3, 'a@b.co'],
      [4, 'c@d.co'],
      [6, 'd@e.co'],
    ])
  },
)

test('what is no UTF-8 is refused, since its names would be mangled', async () => {
  const collecting = collect(new Uint8Array([...new TextEncoder().encode('email,name\na@b.co,Ren'), 0xe9]))

  await expect(collecting).rejects.toThrow(/^The CSV is not in UTF-8/)
})

test('an address of megabytes is none, and costs the import nothing else', async () => {
  const skipped: Skipped[] = []
  const csv = new TextEncoder().encode(`email\na@${'a.'.repeat(5_000_000)}\nb@c.co`)

  const [batch] = await collect(csv, { skip: (row) => skipped.push(row) })

  expect(batch).toEqual([{ line: 3, values: { email: 'b@c.co' } }])
  expect(skipped).toEqual([{ line: 2, reason: `"a@${'a.'.repeat(49)}…" is no email address` }])
})
