import { expect, test } from 'vitest'
import { readInstant } from '../../src/job/instant.ts'

test.each([
  ['2027-02-03T10:00:00Z', '2027-02-03T10:00:00.000Z'],
  ['2027-02-03T10:00Z', '2027-02-03T10:00:00.000Z'],
  ['2027-02-03T10:00:00.123456789+05:30', '2027-02-03T04:30:00.123Z'],
  ['2028-02-29T23:59:59-00:00', '2028-02-29T23:59:59.000Z'],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
  ['0050-01-01T00:00:00Z', '0050-01-01T00:00:00.000Z'],
])('%s is an instant', (text, expected) => {
  expect(readInstant(text)).toEqual(new Date(expected))
})

test.each([
  ['2027-02-30T10:00:00Z', /calendar/],
  ['2027-02-29T10:00:00Z', /calendar/],
  ['1900-02-29T10:00:00Z', /calendar/],
  ['2027-06-31T10:00:00Z', /calendar/],
  ['2027-13-01T10:00:00Z', /calendar/],
  ['2027-00-10T10:00:00Z', /calendar/],
  ['2027-01-00T10:00:00Z', /calendar/],
  ['2027-02-03T10:00:00', /no zone; end it with Z/],
  ['2027-02-03T10:00', /no zone/],
  ['2027-02-03', /no instant/],
  ['2027-02-03 10:00:00Z', /no instant/],
  ['2027-02-03T10:00:00 Z', /no instant/],
  ['2027-02-03T24:00:00Z', /no instant/],
  ['2027-02-03T10:60:00Z', /no instant/],
  ['2027-02-03T10:00:60Z', /no instant/],
  ['2027-02-03T10:00:00+24:00', /no instant/],
  ['2027-02-03T10:00:00+0200', /no instant/],
  ['2027-02-03T10:00:00 GMT', /no instant/],
  ['+002027-02-03T10:00:00Z', /no instant/],
  ['2027-2-3T10:00:00Z', /no instant/],
])('%s is none, and it is said why', (text, why) => {
  expect(readInstant(text)).toEqual({ problem: expect.stringMatching(why) })
  expect(readInstant(text)).toEqual({ problem: expect.stringContaining(JSON.stringify(text)) })
})
