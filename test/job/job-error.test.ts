import * as fc from 'fast-check'
import { expect, test } from 'vitest'
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
  [{ code: 7 }, '{"code":7}'],
  [undefined, 'undefined'],
  [null, 'null'],
  [Symbol('odd'), 'Symbol(odd)'],
])('%o that was thrown is described', (thrown, message) => {
  expect(describeError(thrown)).toEqual({ name: 'Error', message, stack: null })
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
