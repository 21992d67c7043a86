import { expect, test } from 'vitest'
import { openApi } from '../support/open-api.ts'
import { work } from '../../src/ticks/index.ts'

test.each([
  ['9007199254740993', '9007199254740993 does not fit into a number; send it as a text'],
  ['1e400', '1e400 does not fit into a number; send it as a text'],
])('%s in a payload is refused at its place', async (number, message) => {
  const { post, queue } = await openApi()

  const single = await post(`{"task":"greet","payload":{"id":${number}}}`)
  const listed = await post(`[{"task":"greet","payload":{}},{"task":"greet","payload":{"ids":[0,${number}]}}]`)

  expect([single.status, listed.status]).toEqual([422, 422])
  expect(await single.json()).toMatchObject({ errors: [{ field: 'payload.id', message }] })
  expect(await listed.json()).toMatchObject({ errors: [{ field: '[1].payload.ids[1]', message }] })
  expect((await work(queue)).claimed).toBe(0)
})

test('a payload of plain JSON is stored as plain JSON, −0 too', async () => {
  const { post, request } = await openApi()

  const posted = await post('{"task":"greet","payload":{"zero":-0,"one":1.0}}')
  const { id } = await posted.json<{ id: string }>()

  expect(await (await request(`/api/jobs/${id}`)).json()).toMatchObject({ payload: { zero: 0, one: 1 } })
})

const bytes = (text: string) => Buffer.from(text, 'latin1')

test('a body that is not UTF-8 is refused, and nothing is stored', async () => {
  const { send, queue } = await openApi()

  const answers = await Promise.all([
    send(bytes('{"task":"greet","payload":"a\xff\xfe\xc3b"}'), 'application/json'),
    send(bytes('{"task":"greet","payload":"M\xe1laga"}'), 'application/json'),
  ])

  expect(answers.map(({ status }) => status)).toEqual([400, 400])
  expect(await answers[0]?.json()).toMatchObject({ code: 'JSON_INVALID', detail: expect.stringContaining('UTF-8') })
  expect((await work(queue)).claimed).toBe(0)
})

test.each([
  ['application/json', 201],
  ['Application/JSON ; charset=UTF-8', 201],
  ['application/json;charset="utf-8"', 201],
  ['application/json; charset=iso-8859-1', 415],
  ['application/json; charset=utf-16', 415],
  ['application/json-seq', 415],
  ['application/jsonlines', 415],
  ['text/json', 415],
  ['', 415],
])('a body of the type "%s" is answered with %i', async (type, status) => {
  const { send } = await openApi()

  expect((await send(bytes('{"task":"greet","payload":{}}'), type)).status).toBe(status)
})

test.each([
  ['2027-02-30T10:00:00Z', /calendar/],
  ['2027-06-31T10:00:00Z', /calendar/],
  ['2027-02-03T10:00:00', /no zone/],
  ['2027-02-03', /no instant/],
])('a job is not to run after %s', async (runAfter, message) => {
  const { post } = await openApi()

  const response = await post({ task: 'greet', payload: {}, runAfter })

  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({
    errors: [{ field: 'runAfter', message: expect.stringMatching(message) }],
  })
})

test('a job runs after an instant with an offset', async () => {
  const { post, request } = await openApi()

  const posted = await post({ task: 'greet', payload: {}, runAfter: '2030-01-01T01:30:00+01:30' })
  const { id } = await posted.json<{ id: string }>()

  expect(await (await request(`/api/jobs/${id}`)).json()).toMatchObject({ scheduledAt: '2030-01-01T00:00:00.000Z' })
})
