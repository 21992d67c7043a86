import { expect, test } from 'vitest'
import { model, PayloadError } from '../../src/index.ts'
import { PayloadCodec } from '../../src/job/payload.ts'
import { matches } from '../../src/testing/matches.ts'

class Contact {
  readonly id: number
  readonly name: string
  constructor(id: number, name: string) {
    this.id = id
    this.name = name
  }
}

const contact = model('contact', { class: Contact, id: ({ id }) => id, load: (id: number) => new Contact(id, 'Ada') })
const codec = new PayloadCodec({ models: [contact] })

test.each([
  ['the same object', { a: 1, b: 'x' }, { a: 1, b: 'x' }],
  ['an object with more', { a: 1 }, { a: 1, b: 'x' }],
  ['an object with more, deep inside', { a: { b: { c: 1 } } }, { a: { b: { c: 1, d: 2 }, e: 3 } }],
  ['an object without a key, where undefined is asked for', { a: undefined }, { b: 1 }],
  ['an object that only inherits a key, where undefined is asked for', { toString: undefined }, { b: 1 }],
  ['any object, where an empty one is asked for', {}, { a: 1 }],
  ['an object in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ['a list, and in it objects with more', { list: [{ a: 1 }, 2] }, { list: [{ a: 1, b: 2 }, 2] }],
  ['a Map, and in it objects with more', new Map([['k', { a: 1 }]]), new Map([['k', { a: 1, b: 2 }]])],
  ['a Set, and in it objects with more', new Set([{ a: 1 }]), new Set([{ a: 1, b: 2 }])],
  ['null', null, null],
  ['NaN', Number.NaN, Number.NaN],
  ['a bigint', 10n, 10n],
  ['a Date', new Date(5), new Date(5)],
  ['a URL', new URL('https://a.b/?c'), new URL('https://a.b/?c')],
  ['a RegExp', /a/g, /a/g],
  ['bytes', new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  ['a model of the same id', { who: new Contact(1, 'Ada') }, { who: new Contact(1, 'Ada Lovelace'), at: 1 }],
  ['what a matcher accepts', { a: expect.any(String), b: expect.arrayContaining([2]) }, { a: 'x', b: [1, 2] }],
  ['what a matcher accepts that stands for all', expect.objectContaining({ a: 1 }), { a: 1, b: 2 }],
])('%s matches', (_, part, value) => {
  expect(matches(part, value, codec)).toBe(true)
})

test.each([
  ['another value', { a: 1 }, { a: 2 }],
  ['an object without a key', { a: 1 }, { b: 1 }],
  ['null, where an object is asked for', {}, null],
  ['a list, where an object is asked for', {}, []],
  ['an object, where a list is asked for', [1], { 0: 1 }],
  ['a longer list', [1], [1, 2]],
  ['a shorter list', [1, 2], [1]],
  ['a list in another order', [1, 2], [2, 1]],
  ['a larger Map', new Map([['a', 1]]), new Map(Object.entries({ a: 1, b: 2 }))],
  ['a Map of other values', new Map([['a', 1]]), new Map([['a', 2]])],
  ['entries, where a Map is asked for', new Map([['a', 1]]), [['a', 1]]],
  ['a larger Set', new Set([1]), new Set([1, 2])],
  ['a list, where a Set is asked for', new Set([1]), [1]],
  ['a text, where its number is asked for', 1, '1'],
  ['0, where −0 is asked for', -0, 0],
  ['undefined, where null is asked for', null, undefined],
  ['another Date', new Date(5), new Date(6)],
  ['the text of a Date', new Date(5), new Date(5).toISOString()],
  ['another URL', new URL('https://a.b/?c'), new URL('https://a.b/?d')],
  ['a RegExp with other flags', /a/g, /a/],
  ['other bytes', new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  ['bytes of another width', new Uint8Array([1]), new Uint16Array([1])],
  ['a model of another id', new Contact(1, 'Ada'), new Contact(2, 'Ada')],
  ['what a matcher refuses', { a: expect.any(String) }, { a: 1 }],
])('%s does not match', (_, part, value) => {
  expect(matches(part, value, codec)).toBe(false)
})

test('what could never be stored is refused, rather than not found', () => {
  expect(() => matches({ a: () => 1 }, { a: 1 }, codec)).toThrow(PayloadError)
  expect(() => matches({ a: new Blob() }, { a: 1 }, codec)).toThrow(/an instance of Blob cannot be stored/)
})
