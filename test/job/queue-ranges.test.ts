import { expect, test } from 'vitest'
import { parseQueuePatterns, preferenceOf } from '../../src/job/queue-patterns.ts'
import { rangeOf } from '../../src/job/queue-ranges.ts'

/** Characters at the edges of what a byte, a code unit and a code point can be. */
const characters = ['-', 'a', 'b', '~', 'ÿ', '߿', 'ࠀ', '\uD7FF', '\uE000', '\uFFFF', '\u{10000}', '\u{10FFFF}']

const names = characters.flatMap((one) => [
  one,
  ...characters.flatMap((two) => [one + two, ...characters.map((three) => one + two + three)]),
])

const isIn = (name: string, low: string, high: string) =>
  Buffer.compare(Buffer.from(name), Buffer.from(low)) >= 0 && Buffer.compare(Buffer.from(name), Buffer.from(high)) < 0

test.each(['*', ...names.slice(0, 170), ...names.slice(0, 170).map((name) => `${name}*`)])(
  'by bytes, the range of %j holds the names that match it, and no other',
  (text) => {
    const patterns = parseQueuePatterns([text])
    const [entry] = patterns.entries
    if (!entry) throw new Error(`"${text}" is no pattern`)
    const { low, high, open } = rangeOf(entry)

    const inRange = names.filter((name) => isIn(name, low, high))

    expect(inRange).toEqual(names.filter((name) => preferenceOf(patterns, name) !== null))
    expect(open).toBe(entry.kind !== 'name')
  },
)

test('the longest name of all is in the range of *', () => {
  const { low, high } = rangeOf({ kind: 'all' })

  expect(isIn(`${'\u{10FFFF}'.repeat(127)}\uFFFF`, low, high)).toBe(true)
})
