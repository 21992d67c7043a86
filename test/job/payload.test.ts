import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeserializationError, PayloadError } from '../../src/index.ts'
import { PayloadCodec } from '../../src/job/payload.ts'

class User {
  readonly name = 'World'
}

const codec = new PayloadCodec()
const there = (value: unknown) => codec.encode(value)
const andBack = async (value: unknown) => {
  const { json, meta } = there(value)
  return codec.decode(json, meta)
}
const issuesOf = (value: unknown) => {
  try {
    there(value)
  } catch (error) {
    if (error instanceof PayloadError) return error.issues
    throw error
  }
  return []
}

test('plain JSON is stored as it is, with nothing beside it', () => {
  expect(there({ a: [1, 'two', null, true, { b: '\u0000' }] })).toEqual({
    json: '{"a":[1,"two",null,true,{"b":"\\u0000"}]}',
    meta: null,
  })
})

test('what plain JSON cannot say stands beside it', () => {
  expect(there({ at: new Date(0) })).toEqual({
    json: '{"at":"1970-01-01T00:00:00.000Z"}',
    meta: expect.stringContaining('Date'),
  })
})

const [first, second, third] = [new Date(0), new Date(1), new Date(2)]
const one = { n: 1 }
const two = { n: 2 }

test.each([
  ['three dates', { from: first, to: second, days: new Set([first, second, third]) }],
  ['two objects in a Set', { first: one, second: two, all: new Set([one, two]) }],
  [
    'the keys of a Map',
    {
      first: one,
      second: two,
      scores: new Map([
        [one, 10],
        [two, 20],
      ]),
    },
  ],
  [
    'NaN',
    {
      first: Number.NaN,
      m: new Map<unknown, string>([
        [Number.NaN, 'a'],
        ['x', 'b'],
      ]),
    },
  ],
  ['a date that comes first', { first, days: new Set([first, third]) }],
])('what also stands elsewhere comes back in a Set or Map as it was: %s', async (_, value) => {
  const back = (await andBack(value)) as Record<string, unknown>

  expect(inOrder(back)).toEqual(inOrder(value))
})

/** Sets and Maps as lists: `toEqual` does not look at their order. */
const inOrder = (value: unknown): unknown => {
  if (value instanceof Map || value instanceof Set) return [value.constructor.name, ...[...value].map(inOrder)]
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inOrder(item)]))
}

test('whatever can be stored comes back as it was, with parts that stand in several places', async () => {
  // V8's JSON.parse takes a key of one quotation mark for a backslash once it has met one of the other keys' shape.
  const keys = fc.string({ maxLength: 4 }).filter((key) => !/^(__proto__|constructor|prototype|["\\])$/.test(key))
  const leaves = fc.oneof(
    fc.date({ noInvalidDate: true }),
    fc.integer(),
    fc.constantFrom(Number.NaN, -0, null, undefined, true),
    fc.bigInt(),
    fc.string(),
  )
  const values = fc.array(leaves, { minLength: 1, maxLength: 4 }).chain((shared) => {
    const { value } = fc.letrec((tie) => ({
      part: fc.oneof({ depthSize: 'small' }, fc.constantFrom(...shared), leaves, tie('value')),
      value: fc.oneof(
        fc.dictionary(keys, tie('part'), { maxKeys: 4, noNullPrototype: true }),
        fc.array(tie('part'), { maxLength: 4 }),
        fc.array(tie('part'), { maxLength: 4 }).map((parts) => new Set(parts)),
        fc.array(fc.tuple(tie('part'), tie('part')), { maxLength: 4 }).map((parts) => new Map(parts)),
      ),
    }))
    return fc.tuple(value, value).map(([a, b]) => ({ a, b, both: new Set([a, b]), again: a }))
  })
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      expect(inOrder(await andBack(value))).toEqual(inOrder(value))
    }),
    { numRuns: 500 },
  )
})

test('which places held the same object is not stored, and not read where it was', async () => {
  const { json, meta } = there({ first, days: new Set([first, third]) })
  const before = JSON.stringify({ ...JSON.parse(meta as string), referentialEqualities: { first: ['days.0'] } })

  expect(JSON.parse(meta as string)).not.toHaveProperty('referentialEqualities')
  expect(inOrder(await codec.decode(json, before))).toEqual({ first, days: ['Set', first, third] })
})

test('each kind of value comes back as it was', async () => {
  const value = {
    date: new Date('2026-01-01T00:00:00.123Z'),
    big: 2n ** 80n,
    nothing: undefined,
    numbers: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0],
    map: new Map<unknown, unknown>([
      ['a', new Set([1n])],
      [2, new Date(2)],
      [{ toString: false }, 'a key that has no text'],
    ]),
    url: new URL('https://a.b/c?d=e#f'),
    regexp: /^a.b$/giu,
    bytes: new Uint8Array([0, 255]),
    floats: [new Float64Array([0.1, -1e300, -0, Number.NaN]), new Float32Array([Number.POSITIVE_INFINITY, 1])],
  }

  expect(await andBack(value)).toEqual(value)
  expect(await andBack(undefined)).toBeUndefined()
  expect(await andBack(new Date(5))).toEqual(new Date(5))
})

test('any JSON comes back as it was', async () => {
  // Keys that objects have anyway are refused, see below.
  const json = fc
    .jsonValue({ noUnicodeString: false })
    .filter((value) => !/"(__proto__|constructor|prototype)":/.test(JSON.stringify(value)))
  await fc.assert(
    fc.asyncProperty(json, async (value) => {
      expect(await andBack(value)).toStrictEqual(value)
    }),
  )
})

test('any mix of what may be stored comes back as it was; anything else is refused, never changed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
      async (value) => {
        if (issuesOf(value).length > 0) return
        expect(await andBack(value)).toEqual(value)
      },
    ),
    { numRuns: 1000 },
  )
})

test.each<[string, unknown, string]>([
  ['a function', { send: () => {} }, 'payload.send: a function cannot be stored'],
  ['a symbol', { list: [Symbol('x')] }, 'payload.list[0]: a symbol cannot be stored'],
  ['a class instance', { user: new User() }, 'payload.user: an instance of User cannot be stored'],
  ['an error', { error: new Error('x') }, 'payload.error: an instance of Error cannot be stored'],
  ['a promise', { later: Promise.resolve() }, 'payload.later: an instance of Promise cannot be stored'],
  ['a blob', { file: new Blob([]) }, 'payload.file: an instance of Blob cannot be stored'],
  ['an invalid date', { at: new Date(Number.NaN) }, 'payload.at: an invalid Date cannot be stored'],
  ['a hole', { list: [1, , 3] }, 'payload.list[1]: a hole in an array cannot be stored'], // oxlint-disable-line no-sparse-arrays
  ['a lone surrogate', { name: '\uD800' }, 'payload.name: a lone surrogate cannot be stored'],
  ['a key that is one', { '\uD800': 1 }, 'payload: a key with a lone surrogate cannot be stored'],
  ['a symbol key', { [Symbol('tag')]: 1 }, 'payload: the symbol key Symbol(tag) cannot be stored'],
  ['a key of all objects', JSON.parse('{"__proto__":{"admin":true}}'), 'payload.__proto__: a key of this name'],
  ['a value in a Map', new Map([['a', () => {}]]), 'payload.get(a): a function cannot be stored'],
])('%s is refused, and named', (_, value, message) => {
  expect(() => there(value)).toThrow(message)
})

test('a cycle is refused, and names where it leads back to; the same object twice is none', () => {
  const cycle: Record<string, unknown> = { inside: {} }
  cycle['inside'] = { again: cycle }
  const shared = { a: 1 }

  expect(() => there(cycle)).toThrow('payload.inside.again: refers back to payload; a cycle cannot be stored')
  expect(issuesOf({ one: shared, two: shared })).toEqual([])
})

test('every place is named at once, up to twenty; too deep a nest is refused', () => {
  let nest: unknown = 1
  for (let depth = 0; depth < 300; depth += 1) nest = [nest]

  expect(issuesOf({ a: () => {}, b: [() => {}] }).map(({ path }) => path)).toEqual(['payload.a', 'payload.b[0]'])
  expect(issuesOf(Array.from({ length: 50 }, () => () => {}))).toHaveLength(20)
  expect(issuesOf(nest)).toEqual([{ path: expect.any(String), message: 'is nested more than 200 deep' }])
})

test('what is too large is refused, counted in bytes of UTF-8', () => {
  const small = new PayloadCodec({ maxBytes: 12 })

  expect(small.encode('é'.repeat(5)).json).toHaveLength(7)
  expect(() => small.encode('é'.repeat(6))).toThrow(/payload: 14 bytes of JSON, 12 at most; .*maxPayloadBytes/)
  expect(() => small.encode(new Date(0))).toThrow(PayloadError)
})

test.each([
  ['text that is no JSON', '{', null],
  ['damaged meta', '"x"', '{'],
  ['a kind of value that is not known', '"x"', '{"values":[["custom","Temporal.Never"]]}'],
])('%s cannot be read, and says so', async (_, json, meta) => {
  await expect(codec.decode(json, meta)).rejects.toThrow(DeserializationError)
})
