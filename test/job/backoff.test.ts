import { expect, test } from 'vitest'
import { ConfigurationError, exponential, fixed, task } from '../../src/index.ts'
import { type Backoff, backoffDelayMs, defaultBackoff } from '../../src/job/backoff.ts'

const waits = (backoff: Backoff, random = 0) =>
  [1, 2, 3, 4, 12].map((attempt) => backoffDelayMs(backoff, { attempt, error: new Error('x'), random }))

test('exponential doubles from its base up to its maximum', () => {
  expect(waits(exponential('10s', { max: '1m' }))).toEqual([10_000, 20_000, 40_000, 60_000, 60_000])
  expect(waits(defaultBackoff)).toEqual([15_000, 30_000, 60_000, 120_000, 3_600_000])
})

test('exponential adds up to a tenth', () => {
  expect(waits(exponential('10s'), 1).slice(0, 2)).toEqual([11_000, 22_000])
})

test('fixed waits the same each time', () => {
  expect(waits(fixed('5m'), 1)).toEqual([300_000, 300_000, 300_000, 300_000, 300_000])
})

test('a bad duration is refused where it is written', () => {
  expect(() => exponential('soon' as never)).toThrow(ConfigurationError)
  expect(() => exponential('1s', { max: -1 })).toThrow(/exponential\(\) max/)
  expect(() => fixed(Number.NaN)).toThrow(/fixed\(\) wait/)
})

test('a backoff of its own sees the attempt and the error', () => {
  const error = new Error('429')
  const seen: unknown[] = []

  const wait = backoffDelayMs((failed) => (seen.push(failed), '3s'), { attempt: 2, error, random: 0.5 })

  expect([wait, ...seen]).toEqual([3000, { attempt: 2, error, random: 0.5 }])
})

test.each([
  () => {
    throw new Error('a bug')
  },
  () => 'later' as never,
  () => -5,
  () => undefined as never,
  () => Promise.reject(new Error('nothing hears this')) as never,
])('a backoff that fails is replaced by the default, so that the job is not lost', (broken) => {
  expect(backoffDelayMs(broken, { attempt: 2, error: new Error('x'), random: 0 })).toBe(30_000)
})

test('an async function is no backoff', () => {
  expect(() => task('mail', { backoff: (async () => 5) as never })).toThrow(/backoff: an async function/)
})

test('no wait is longer than a year', () => {
  const first = { attempt: 1, error: null, random: 0 }

  expect(backoffDelayMs(() => '100000d', first)).toBe(365 * 86_400_000)
  expect(backoffDelayMs(() => Number.MAX_SAFE_INTEGER, first)).toBe(365 * 86_400_000)
  expect(backoffDelayMs(exponential('1d', { max: '10000d' }), { ...first, attempt: 1000 })).toBe(365 * 86_400_000)
})
