import { assert, double, jsonValue, property } from 'fast-check'
import { expect, test } from 'vitest'
import { PayloadError } from '../../src/errors.ts'
import { readJson } from '../../src/job/json.ts'

const issuesOf = (text: string, name = 'payload'): PayloadError['issues'] => {
  try {
    readJson(text, name)
  } catch (error) {
    if (error instanceof PayloadError) return error.issues
    throw error
  }
  return []
}

test.each([
  '9007199254740993',
  '-9007199254740993',
  '12345678901234567890',
  '9007199254740993.5',
  '1e400',
  '-1E400',
  '1e-400',
  '4e-324',
  '3.14159265358979323846',
  `1${'0'.repeat(500)}`,
])('%s does not fit into a number', (number) => {
  expect(issuesOf(`{"id":${number}}`)).toEqual([
    { path: 'payload.id', message: expect.stringMatching(/ does not fit into a number; send it as a text$/) },
  ])
})

test.each([
  ['9007199254740992', 9007199254740992],
  ['1234567890123456', 1234567890123456],
  ['12345678901234567000', 12345678901234567000],
  ['100000000000000000000000', 1e23],
  ['1e23', 1e23],
  ['1.50000000000000000000', 1.5],
  // What prints seventeen digits: C, and much that is made with it.
  ['0.10000000000000001', 0.1],
  ['0.30000000000000004', 0.30000000000000004],
  ['5e-324', 5e-324],
  ['1.7976931348623157e308', Number.MAX_VALUE],
  ['0e5', 0],
  ['-0', 0],
  ['-0.0', 0],
  [' -0', 0],
])('%s is read as it is', (number, expected) => {
  expect(readJson(`[${number}]`, 'payload')).toEqual([expected])
  expect(readJson(number, 'payload')).toBe(expected)
})

test('each number that does not fit is named by its place', () => {
  const body = '[{"payload":{"a":[1,{"b":1e400}],"":1e401}},1e402]'

  expect(issuesOf(body, '').map(({ path }) => path)).toEqual(['[0].payload.a[1].b', '[0].payload.', '[1]'])
  expect(issuesOf('{"priority":1e400}', '').map(({ path }) => path)).toEqual(['priority'])
  expect(issuesOf('1e400').map(({ path }) => path)).toEqual(['payload'])
})

test('of many numbers that do not fit the first are named, and the others counted', () => {
  expect(() => readJson(`[${'1e400,'.repeat(100_000)}1]`, 'payload')).toThrow(/and 99980 more$/)
})

test('what is nested too deep to be read number by number is refused', () => {
  const text = `${'['.repeat(1_000_000)}1e3${']'.repeat(1_000_000)}`

  expect(issuesOf(text)).toEqual([{ path: 'payload', message: 'is nested too deep' }])
})

test('any JSON that JavaScript writes is read as it was', () => {
  assert(
    property(jsonValue(), (value) => {
      expect(readJson(JSON.stringify(value), 'payload')).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('any number fits, written in short or with seventeen digits', () => {
  assert(
    property(double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const expected = number === 0 ? 0 : number
      expect(readJson(String(number), 'payload')).toBe(expected)
      expect(readJson(number.toPrecision(17), 'payload')).toBe(expected)
    }),
    // The digits cut off are just a half.
    { examples: [[Number('-1713376380759314.2')]] },
  )
})

test.each([
  ['bytes that are not UTF-8', [0x22, 0xff, 0xfe, 0x22]],
  ['a character that is cut off', [0x22, 0xc3, 0x22]],
  ['Latin-1', [0x22, 0x4d, 0xe1, 0x6c, 0x22]],
  ['half a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
])('%s is no JSON', (_, bytes) => {
  expect(() => readJson(Uint8Array.from(bytes), 'payload')).toThrow(SyntaxError)
})

test('a byte order mark is not part of the text', () => {
  expect(readJson(new TextEncoder().encode('\uFEFF{"a":"é"}'), 'payload')).toEqual({ a: 'é' })
})
