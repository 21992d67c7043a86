import { expect, test } from 'vitest'
import { Findings } from '../../src/job/findings.ts'
import { printableJson, quote } from '../../src/job/quote.ts'
import { ConfigurationError, PayloadError } from '../../src/errors.ts'

const nested = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as unknown
const cyclic: Record<string, unknown> = {}
cyclic['itself'] = cyclic

test.each<[unknown, string]>([
  ['a "text"', '"a \\"text\\""'],
  ['a'.repeat(8_000_000), `"${'a'.repeat(100)}…"`],
  [`${'a'.repeat(99)}😀`, `"${'a'.repeat(99)}\uFFFD…"`],
  ['\n\u001b\u009b\u202e\u2028', '"\\n\\u001b\\u009b\\u202e\\u2028"'],
  [1.5, '1.5'],
  [2n ** 4000n, `${String(2n ** 4000n).slice(0, 100)}…`],
  [null, 'null'],
  [undefined, 'undefined'],
  [Symbol('s'), 'Symbol(s)'],
  [() => {}, 'a function'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new Date(Number.NaN), 'an invalid Date'],
  [{ toString: 1 }, '{…}'],
  [cyclic, '{…}'],
  [nested, '[…]'],
])('a value is quoted on one line, however large or strange it is (%#)', (value, expected) => {
  expect(quote(value)).toBe(expected)
})

test('JSON that is printed stays the same JSON', () => {
  const text = 'a\u007f\u0085\u009b\u009d\u061c\u200e\u202e\u2066\u2028\u2029é😀'

  const printed = printableJson(JSON.stringify({ text }, null, 2))

  expect(printed).toMatch(/^[\n\u0020-\u007eé😀]+$/u)
  expect(JSON.parse(printed)).toEqual({ text })
})

test('of many findings the first are kept, and the others counted', () => {
  const findings = new Findings<number>()

  findings.add([1, 2], 5)
  findings.add(Array.from({ length: 1_000_000 }, (_, index) => index))

  expect(findings.first).toHaveLength(20)
  expect(findings.more).toBe(5 + 1_000_000 + 2 - 20)
})

test('errors list twenty problems, each of a bounded length, and say how many more there are', () => {
  const path = `payload.${'k'.repeat(1_000_000)}`
  const payload = new PayloadError(Array.from({ length: 50_000 }, () => ({ path, message: path })))
  const configuration = new ConfigurationError(
    'The queue',
    Array.from({ length: 21 }, () => ({ path, message: path })),
  )

  expect(payload.issues).toHaveLength(20)
  expect(payload.more).toBe(49_980)
  expect(payload.message).toMatch(/; and 49980 more$/)
  expect(payload.message.length).toBeLessThan(30_000)
  expect(configuration.issues).toHaveLength(20)
  expect(configuration.message).toMatch(/\n- and 1 more$/)
  expect(configuration.message.length).toBeLessThan(30_000)
})
