import { expect, test } from 'vitest'
import { ConfigurationError } from '../../src/index.ts'
import { type Duration, durationMs, formatDuration, parseDuration } from '../../src/job/duration.ts'

test.each([
  ['250ms', 250],
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1.5h', 5_400_000],
  ['2d', 172_800_000],
  [0, 0],
  [12.4, 12],
  ['0.5ms', 1],
  ['365250d', 31_557_600_000_000],
])('%j is %j milliseconds', (duration, ms) => {
  expect(durationMs(duration)).toBe(ms)
})

test.each([
  '',
  '5',
  '5 m',
  '-5m',
  '1e3s',
  '5M',
  'm',
  '5m ',
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e300,
  '365251d',
  Number.MAX_SAFE_INTEGER,
  null,
  {},
])('%j is no duration, and the error names it and what may be written', (value) => {
  expect(durationMs(value)).toBeNull()
  expect(() => parseDuration(value as Duration, 'timeout')).toThrow(ConfigurationError)
  expect(() => parseDuration(value as Duration, 'timeout')).toThrow(/timeout: .*'90s', '5m'/)
})

test.each([
  [0, '0ms'],
  [999.9, '999ms'],
  [1000, '1s'],
  [5_400_000, '1h 30m'],
  [5_400_999, '1h 30m'],
  [90_061_000, '1d 1h'],
])('%j milliseconds are shown as %j', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})
