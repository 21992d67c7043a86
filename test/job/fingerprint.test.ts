import { expect, test } from 'vitest'
import { fingerprintOf } from '../../src/job/fingerprint.ts'

const of = (message: string, name = 'Error') => fingerprintOf({ name, message })

test.each([
  ['numbers', 'Row 7 of 12 is bad', 'Row 143 of 9 is bad'],
  ['decimals and units', 'Timed out after 1.5s', 'Timed out after 30.25s'],
  ['UUIDs', 'No user 0190a5f0-0000-7000-8000-000000000001', 'No user 0190A5F0-ffff-7000-8000-00000000abcd'],
  ['hexadecimal ids', 'No commit 9fceb02d0ae598', 'No commit 1c002dd4b536e7'],
  ['paths and queries of one host', 'https://api.test/a?b=1 answered 503.', 'https://api.test/c/d answered 500.'],
  ['addresses', 'ada@example.com bounced', 'bob.b+x@mail.example.org bounced'],
])('%s do not count', (_, one, other) => {
  expect(of(one)).toBe(of(other))
})

test.each([
  ['words', 'Row is bad', 'Row is good'],
  ['hosts', 'https://a.test/x failed', 'https://b.test/x failed'],
  ['words that could be hexadecimal', 'It is a facade', 'It is a deed'],
])('%s do', (_, one, other) => {
  expect(of(one)).not.toBe(of(other))
})

test('so does the name of the error', () => {
  expect(of('never', 'TypeError')).not.toBe(of('never', 'RangeError'))
})

test('a fingerprint is eight digits, whatever the text, and does not change from version to version', () => {
  expect(of('')).toMatch(/^[0-9a-f]{8}$/)
  expect(fingerprintOf({ name: 'ProcessPrunedError', message: '' })).toBe('ee951c8a')
})
