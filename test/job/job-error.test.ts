import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FinalError } from '../../src/index.ts'
import { describeError } from '../../src/job/job-error.ts'

const bytes = (text: string) => new TextEncoder().encode(text).length

test('an error is described with its causes and its stack', () => {
  const error = new TypeError('no answer', { cause: new Error('ECONNRESET', { cause: 'the wire' }) })

  expect(describeError(error)).toEqual({
    name: 'TypeError',
    message: 'no answer (caused by Error: ECONNRESET) (caused by Error: the wire)',
    stack: error.stack,
  })
})

test.each([
  ['a text', 'a text'],
  [{ code: 7 }, '{ code: 7 }'],
  [{ status: 401, config: { headers: { Authorization: 'Bearer s3cret' } } }, '{ status: 401 }'],
  [new Response('no', { status: 502, statusText: 'Bad Gateway' }), 'Response { status: 502, statusText: Bad Gateway }'],
  [{}, 'An object was thrown that says nothing.'],
  [new Map(), 'A Map was thrown.'],
  [undefined, 'undefined'],
  [null, 'null'],
  [Symbol('odd'), 'Symbol(odd)'],
])('%o that was thrown is described', (thrown, message) => {
  expect(describeError(thrown)).toEqual({ name: 'Error', message, stack: null })
})

test('a thrown object with a cycle is described by what it says', () => {
  const response: Record<string, unknown> = { status: 500, statusText: 'Bad' }
  response['response'] = response

  expect(describeError(response).message).toBe('{ status: 500, statusText: Bad }')
})

test.each([
  [
    'the errors of one that has several',
    new AggregateError([new Error('connect ECONNREFUSED ::1:9000'), new Error('connect ECONNREFUSED 127.0.0.1:9000')]),
    'connect ECONNREFUSED ::1:9000; connect ECONNREFUSED 127.0.0.1:9000',
  ],
  [
    'the errors behind its own message',
    new AggregateError([new Error('a'), 'b', { code: 1 }, new Error('')], 'All promises were rejected'),
    'All promises were rejected (a; b; { code: 1 }; Error)',
  ],
  [
    'the names of its errors that have one of their own',
    new AggregateError([new TypeError('a'), new RangeError('')]),
    'TypeError: a; RangeError',
  ],
  [
    'a few of many errors',
    new AggregateError(Array.from({ length: 1000 }, (_, index) => new Error(`e${index}`))),
    'e0; e1; e2; e3; e4; and 995 more',
  ],
  ['its code, without a message', Object.assign(new Error(''), { code: 'ECONNRESET' }), 'ECONNRESET'],
  ['its code beside its message', Object.assign(new Error('duplicate'), { code: '23505' }), 'duplicate (23505)'],
  ['a code that its message has', Object.assign(new Error('EPIPE: broken'), { code: 'EPIPE' }), 'EPIPE: broken'],
  ['no code of ours', new FinalError('never'), 'never'],
  [
    'the errors of its cause',
    new TypeError('fetch failed', { cause: new AggregateError([new Error('connect ECONNREFUSED ::1:9000')]) }),
    'fetch failed (caused by AggregateError: connect ECONNREFUSED ::1:9000)',
  ],
])('an error says %s', (_, error, message) => {
  expect(describeError(error).message).toBe(message)
})

test('the stacks of the errors of one that has several are kept behind its own, and numbered', async () => {
  const [one, other] = [new TypeError('one'), new Error('other')]
  const error: unknown = await Promise.any([one, 'no error', other].map((reason) => Promise.reject(reason))).catch(
    (reason: unknown) => reason,
  )

  const { stack } = describeError(error)

  expect(stack).toBe(`AggregateError: All promises were rejected\n  [1] ${one.stack}\n  [3] ${other.stack}`)
})

test('a chain of causes that ends nowhere is cut', () => {
  const error = new Error('around')
  error.cause = error

  expect(describeError(error).message.match(/caused by/g)).toHaveLength(5)
})

test('what throws when it is looked at is described all the same', () => {
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error('look away')
      },
    },
  )

  expect(describeError(hostile)).toEqual({
    name: 'Error',
    message: 'Something was thrown that cannot be described.',
    stack: null,
  })
})

test('a long message is cut between characters, a long stack between lines', () => {
  const error = new Error('é'.repeat(5000))
  error.stack = Array.from({ length: 1000 }, (_, line) => `    at line ${line} of a program`).join('\n')

  const { message, stack } = describeError(error)

  expect(message).toMatch(/^é+…$/)
  expect(bytes(message)).toBeLessThanOrEqual(4096)
  expect(stack).toMatch(/of a program$/)
  expect(bytes(stack as string)).toBeLessThanOrEqual(12_288)
})

test('whatever is thrown, the description is text that every database can hold', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 6000 })
  fc.assert(
    fc.property(fc.oneof(texts, fc.anything(), fc.record({ name: texts, message: texts, stack: texts })), (thrown) => {
      const { name, message, stack } = describeError(thrown)
      for (const [text, max] of [
        [name, 255],
        [message, 4096],
        [stack ?? '', 12_288],
      ] as const) {
        expect(text.isWellFormed()).toBe(true)
        expect(text).not.toContain('\u0000')
        expect(bytes(text)).toBeLessThanOrEqual(max)
      }
    }),
  )
})
