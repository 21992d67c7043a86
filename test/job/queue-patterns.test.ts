import { expect, test } from 'vitest'
import { parseQueuePatterns, preferenceOf, queueNameIssue } from '../../src/job/queue-patterns.ts'

test('a name, a prefix and all queues are told apart, in their order, once each', () => {
  expect(parseQueuePatterns(['mail', 'import*', 'mail', '*'])).toEqual({
    entries: [{ kind: 'name', name: 'mail' }, { kind: 'prefix', prefix: 'import' }, { kind: 'all' }],
    warnings: [],
  })
})

test.each(['a*b', '*a', 'a**', ''])('%j is ignored with a warning', (text) => {
  const { entries, warnings } = parseQueuePatterns([text, 'mail'])

  expect(entries).toEqual([{ kind: 'name', name: 'mail' }])
  expect(warnings).toEqual([expect.stringContaining(`"${text}" is ignored`)])
})

test.each(['a\u0000', 'a\u0007*', 'a\uD800', '\uDFFF*'])(
  '%j, which no name is like, is ignored with a warning',
  (text) => {
    const { entries, warnings } = parseQueuePatterns([text, 'mail'])

    expect(entries).toEqual([{ kind: 'name', name: 'mail' }])
    expect(warnings).toEqual([expect.stringContaining('is ignored')])
  },
)

test('a list of nothing is warned of: such a worker performs nothing', () => {
  expect(parseQueuePatterns([])).toEqual({ entries: [], warnings: [expect.stringContaining('performs nothing')] })
})

test('a queue has the place of the first entry that it matches', () => {
  const patterns = parseQueuePatterns(['mail', 'import*'])

  expect(['mail', 'import', 'import_big', 'mailer', 'Import'].map((name) => preferenceOf(patterns, name))).toEqual([
    0,
    1,
    1,
    null,
    null,
  ])
  expect(preferenceOf(parseQueuePatterns(['mail', '*']), 'anything')).toBe(1)
})

test.each(['mail', 'a b', 'größe', 'x'.repeat(255), "o'brien", '%'])('%j may be the name of a queue', (name) => {
  expect(queueNameIssue(name, 'queue')).toBeNull()
})

test.each([
  '',
  'a*',
  ' mail',
  'mail\n',
  '\u0000',
  'x'.repeat(256),
  '\uD800',
  'default\u200B',
  'a\u061Cb',
  'a\u{E0041}',
  'a\u2028b',
  7,
  null,
])('%j may not', (name) => {
  expect(queueNameIssue(name, 'queue')).toEqual({ path: 'queue', message: expect.any(String) })
})

test('what is not seen in the name of a queue is seen in the error', () => {
  expect(queueNameIssue('a\u200B\u{E0041}', 'queue')?.message).toContain('"a\\u200b\\udb40\\udc41"')
})
