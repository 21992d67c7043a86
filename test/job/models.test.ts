import { expect, test, vi } from 'vitest'
import { ConfigurationError, DeserializationError, model, PayloadError } from '../../src/index.ts'
import { asForeign } from '../../src/job/foreign.ts'
import { PayloadCodec } from '../../src/job/payload.ts'

class Contact {
  readonly id: number
  readonly email: string

  constructor(id: number, email: string) {
    this.id = id
    this.email = email
  }
}

interface Row {
  readonly __table: 'lists'
  readonly slug: string
}
const isRow = (value: object): value is Row => '__table' in value

/** What "the database" holds, and a codec that knows both models. */
function setUp({ contacts = [new Contact(7, 'a@b.c')] }: { contacts?: Contact[] } = {}) {
  const load = vi.fn((id: number) => contacts.find((contact) => contact.id === id))
  const codec = new PayloadCodec({
    models: [
      model('contact', { class: Contact, id: ({ id }) => id, load }),
      model('list', {
        is: isRow,
        id: ({ slug }) => slug,
        load: async (slug: string): Promise<Row> => ({ __table: 'lists', slug }),
      }),
    ],
  })
  return { codec, load }
}

test('a model is stored as its name and id, wherever it stands', () => {
  const { codec } = setUp()

  const { json } = codec.encode({ to: new Contact(7, 'a@b.c'), lists: [{ __table: 'lists', slug: 'news' }] })

  expect(JSON.parse(json)).toEqual({ to: { model: 'contact', id: 7 }, lists: [{ model: 'list', id: 'news' }] })
})

test('a model is loaded again when the job runs, once however often it stands there', async () => {
  const { codec, load } = setUp({ contacts: [new Contact(7, 'new@b.c')] })
  const old = new Contact(7, 'old@b.c')
  const { json, meta } = codec.encode({
    to: old,
    at: new Date(0),
    map: new Map<unknown, unknown>([[old, new Set([old])]]),
    list: { __table: 'lists', slug: 'news' },
    none: null,
  })

  const read = (await codec.decode(json, meta)) as { to: Contact }

  const renewed = new Contact(7, 'new@b.c')
  expect(read).toEqual({
    to: renewed,
    at: new Date(0),
    map: new Map<unknown, unknown>([[renewed, new Set([renewed])]]),
    list: { __table: 'lists', slug: 'news' },
    none: null,
  })
  expect(read.to).toBeInstanceOf(Contact)
  expect(load).toHaveBeenCalledTimes(1)
})

test('a payload that is a model itself comes back too', async () => {
  const { codec } = setUp()
  const { json, meta } = codec.encode(new Contact(7, 'a@b.c'))

  expect(await codec.decode(json, meta)).toEqual(new Contact(7, 'a@b.c'))
})

test('a model that is gone cannot be read, and is named', async () => {
  const { codec } = setUp({ contacts: [] })
  const { json, meta } = codec.encode(new Contact(7, 'a@b.c'))

  const reading = codec.decode(json, meta)

  await expect(reading).rejects.toThrow(DeserializationError)
  await expect(reading).rejects.toThrow('contact 7')
})

test('a model that this code does not know cannot be read, and says where to add it', async () => {
  const { codec } = setUp()
  const { json, meta } = codec.encode(new Contact(7, 'a@b.c'))

  await expect(new PayloadCodec().decode(json, meta)).rejects.toThrow(/"contact".*`models`/)
})

test('what a load throws is no damage of the payload: another attempt may pass', async () => {
  const { codec, load } = setUp()
  const { json, meta } = codec.encode(new Contact(7, 'a@b.c'))
  load.mockImplementation(() => {
    throw new TypeError('the database is away')
  })

  await expect(codec.decode(json, meta)).rejects.toThrow(new TypeError('the database is away'))
})

test('plain JSON never becomes a model: who writes it cannot choose what is loaded', async () => {
  const { codec, load } = setUp()

  expect(await codec.decode('{"to":{"model":"contact","id":7}}', null)).toEqual({ to: { model: 'contact', id: 7 } })
  expect(load).not.toHaveBeenCalled()
})

test.each([undefined, null, '', Number.NaN, '\uD800'])('a model whose id is %o is refused, and named', (id) => {
  const { codec } = setUp()

  expect(() => codec.encode({ to: new Contact(id as never, 'a@b.c') })).toThrow(PayloadError)
  expect(() => codec.encode({ to: new Contact(id as never, 'a@b.c') })).toThrow(/^payload\.to: a contact with the id/)
})

test('a bad model is refused where it is written, with all that is wrong', () => {
  expect(() => model('a b', { id: 'id', load: null } as never)).toThrow(ConfigurationError)
  expect(() => model('a b', { id: 'id', load: null } as never)).toThrow(/name[^]*`class` or `is`[^]*id:[^]*load:/)
})

test('data of others is no model, whatever a predicate says of it', () => {
  const { codec } = setUp()
  const row = { __table: 'lists', slug: 'news' }

  expect(codec.encode(asForeign({ who: row }))).toEqual({ json: JSON.stringify({ who: row }), meta: null })
  expect(codec.encode({ who: row }, 'result', { foreign: true }).meta).toBeNull()
  expect(codec.encode({ who: new Contact(7, 'a@b.c') }, 'result', { foreign: true }).json).toBe(
    '{"who":{"model":"contact","id":7}}',
  )
})

test('what was stored as plain JSON stays plain when it, or a part of it, is handed on', async () => {
  const { codec } = setUp()
  const row = { __table: 'lists', slug: 'news' }
  const own = { __table: 'lists', slug: 'own' }
  const sent = codec.encode(asForeign({ who: [row] }))

  const read = (await codec.decode(sent.json, sent.meta)) as { who: [object]; found?: object }

  expect(codec.encode(read)).toEqual(sent)
  expect(codec.encode({ ...read, first: read.who[0] }).meta).toBeNull()
  read.found = own
  expect(codec.encode(read).json).toBe(JSON.stringify({ who: [row], found: { model: 'list', id: 'own' } }))
})
