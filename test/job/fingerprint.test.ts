import { expect, test } from 'vitest'
import { fingerprintOf } from '../../src/job/fingerprint.ts'

const of = (message: string, name = 'Error') => fingerprintOf({ name, message })

test.each([
  ['numbers', 'Row 7 of 12 is bad', 'Row 143 of 9 is bad'],
  ['decimals and units', 'Timed out after 1.5s', 'Timed out after 30.25s'],
  ['UUIDs', 'No user 0190a5f0-0000-7000-8000-000000000001', 'No user 0190A5F0-ffff-7000-8000-00000000abcd'],
  ['hexadecimal ids', 'No commit 9fceb02d0ae598', 'No commit 1c002dd4b536e7'],
  ['ULIDs', 'Job 01J9ZQ4V5M8N2P3Q4R5S6T7V8W gone', 'Job 01J9ZR7K0A1B2C3D4E5F6G7H8J gone'],
  ['ids with a prefix', 'No customer cus_9s6XKzkNRiz8i3', 'No customer cus_4fdAW5ftNQow1a'],
  ['addresses in memory', 'at 0x1f', 'at 0x7ffee4'],
  ['paths and queries of one host', 'https://api.test/a?b=1 answered 503.', 'https://api.test/c/d answered 500.'],
  ['addresses', 'ada@example.com bounced', 'bob.b+x@mail.example.org bounced'],
])('%s do not count', (_, one, other) => {
  expect(of(one)).toBe(of(other))
})

test.each([
  ['words', 'Row is bad', 'Row is good'],
  ['hosts', 'https://a.test/x failed', 'https://b.test/x failed'],
  ['long words', 'ERR_HTTP2_STREAM_CANCEL', 'ERR_HTTP2_STREAM_ERROR'],
  ['words that could be hexadecimal', 'It is a facade', 'It is a deed'],
])('%s do', (_, one, other) => {
  expect(of(one)).not.toBe(of(other))
})

test('a long message without spaces costs no more than one with', () => {
  const long = 'a1.b-'.repeat(800)
  const begun = performance.now()
  for (let times = 0; times < 100; times += 1) of(long + times)

  expect((performance.now() - begun) / 100).toBeLessThan(2)
})

test('so does the name of the error', () => {
  expect(of('never', 'TypeError')).not.toBe(of('never', 'RangeError'))
})

test('a fingerprint is eight digits, whatever the text, and does not change from version to version', () => {
  expect(of('')).toMatch(/^[0-9a-f]{8}$/)
  expect(fingerprintOf({ name: 'ProcessPrunedError', message: '' })).toBe('ee951c8a')
})
