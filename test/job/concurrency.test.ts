import { expect, test } from 'vitest'
import { type ConfigurationError, task } from '../../src/index.ts'
import { issueText } from '../../src/job/issue.ts'

const keyOf = (key: unknown, payload?: unknown, group?: string) =>
  task('mail', { concurrency: { key: key as string, ...(group === undefined ? {} : { group }) } })[
    '~'
  ].concurrency?.keyOf(payload)

test.each([
  ['a text', 'all', undefined, undefined, 'mail/all'],
  ['what a function makes', ({ id }: { id: number }) => id, { id: 7 }, undefined, 'mail/7'],
  ['a large number', () => 2n ** 64n, null, undefined, 'mail/18446744073709551616'],
  ['of a group', 'all', undefined, 'out', 'out/all'],
  ['of a group with a slash', 'b', undefined, 'a/b%', 'a%2Fb%25/b'],
  ['with a slash', 'b/c', undefined, 'a', 'a/b/c'],
  ['the empty text', '', undefined, undefined, 'mail/'],
  ['null: not limited', () => null, undefined, undefined, null],
  ['undefined: not limited', () => undefined, undefined, undefined, null],
] as const)('a key is %s', (_, key, payload, group, expected) => {
  expect(keyOf(key, payload, group)).toBe(expected)
})

test.each([
  [{}, 'concurrency.key: missing; a text, or a function of the payload'],
  [{ key: {} }, 'concurrency.key: {…} is no text or number'],
  [{ key: Number.NaN }, expect.stringMatching(/^concurrency.key: NaN is no key/)],
  [{ key: 'x'.repeat(256) }, expect.stringMatching(/^concurrency.key: "x+…" has 256 characters; 255 at most/)],
  [{ key: 'a\0' }, expect.stringMatching(/has a NUL/)],
  [{ key: 'a', limits: 2 }, 'concurrency.limits: is not known; there are key, limit, duration, group, onConflict'],
  [{ key: 'a', limit: 0 }, 'concurrency.limit: 0; use a whole number from 1 to 10000'],
  [{ key: 'a', limit: 1.5 }, 'concurrency.limit: 1.5; use a whole number from 1 to 10000'],
  [{ key: 'a', duration: 'soon' }, expect.stringMatching(/^concurrency.duration: "soon" is no duration/)],
  [{ key: 'a', duration: 0 }, expect.stringMatching(/^concurrency.duration: 0/)],
  [{ key: 'a', group: '' }, expect.stringMatching(/^concurrency.group: ""/)],
  [{ key: 'a', onConflict: 'drop' }, 'concurrency.onConflict: "drop"; use "block" or "skip"'],
])('%j is refused', (concurrency, problem) => {
  let problems: readonly string[] = []
  try {
    task('mail', { concurrency: concurrency as never })
  } catch (error) {
    problems = (error as ConfigurationError).issues.map(issueText)
  }
  expect(problems).toEqual([problem])
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, {}, Promise.resolve('late')])(
  'a function that gives %s gives no key',
  (made) => {
    expect(() => keyOf(() => made)).toThrow(TypeError)
  },
)

test('by default a key is of one job, which waits', () => {
  expect(task('mail', { concurrency: { key: 'all' } })['~'].concurrency).toMatchObject({
    limit: 1,
    durationMs: null,
    onConflict: 'block',
  })
  expect(task('mail')['~'].concurrency).toBeNull()
})
