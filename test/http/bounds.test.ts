import { expect, test } from 'vitest'
import { z } from 'zod'
import { task } from '../../src/index.ts'
import { openApi } from '../support/open-api.ts'

const strict = task('strict', { input: z.strictObject({ to: z.string() }), run: () => {} })
const listed = task('listed', { input: z.array(z.number()), run: () => {} })

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

test.each([
  ['a priority with a `toString` of its own', '{"task":"greet","priority":{"toString":1}}', 'priority'],
  ['a priority that is nested deep', `{"task":"greet","priority":${nested(100_000)}}`, 'priority'],
  ['a runAfter that is nested deep', `{"task":"greet","runAfter":${nested(100_000)}}`, 'runAfter'],
  ['a runAfter of many digits', `{"task":"greet","runAfter":"${'9'.repeat(7_000_000)}"}`, 'runAfter'],
  ['a task with an endless name', `{"task":"${'a'.repeat(8_000_000)}"}`, 'task'],
  ['a queue with an endless name', `{"task":"greet","queue":"${'a'.repeat(8_000_000)}"}`, 'queue'],
  ['a queue that is an object', '{"task":"greet","queue":{"toString":1}}', 'queue'],
])('%s is refused at its field, in few words', async (_, body, field) => {
  const { post } = await openApi()

  const response = await post(body)
  const answer = await response.text()

  expect(response.status).toBe(422)
  expect(answer.length).toBeLessThan(2000)
  expect(JSON.parse(answer)).toMatchObject({ errors: [{ field }] })
})

const many = (count: number, one: (index: number) => string) => Array.from({ length: count }, (_, i) => one(i)).join()

test.each([
  ['unknown fields of a call', `{"task":"greet",${many(100_000, (index) => `"f${index}":1`)}}`, 99_980],
  ['calls of no task', `[${many(1000, () => '{}')}]`, 980],
  ['payloads that a schema refuses', `[${many(1000, () => '{"task":"strict","payload":{}}')}]`, 980],
  ['issues of a schema', `{"task":"listed","payload":[${many(200_000, () => '""')}]}`, 199_980],
  ['places that cannot be stored', `{"task":"greet","payload":[${many(50_000, () => '{"constructor":1}')}]}`, 49_980],
])('of many %s the first are listed, and the others counted', async (_, body, moreErrors) => {
  const { post } = await openApi({ tasks: [strict, listed] })

  const response = await post(body)
  const answer = await response.text()

  expect(response.status).toBe(422)
  expect(answer.length).toBeLessThan(5000)
  expect(JSON.parse(answer)).toMatchObject({ errors: { length: 20 }, moreErrors })
})

test('the names of what there is are cut, too', async () => {
  const tasks = Array.from({ length: 500 }, (_, index) => task(`task-number-${index}`, { run: () => {} }))
  const { post } = await openApi({ tasks })

  const response = await post(`[${many(1000, () => '{"task":"x"}')}]`)

  expect(response.status).toBe(422)
  expect((await response.text()).length).toBeLessThan(25_000)
})

test('names of fields, and what a schema says of them, are cut', async () => {
  const { post } = await openApi({ tasks: [strict] })
  const long = 'f'.repeat(1_000_000)

  const answers = await Promise.all(
    [`{"task":"strict","${long}":1}`, `{"task":"strict","payload":{"to":"","${long}":1}}`].map(async (body) => {
      const response = await post(body)
      return [response.status, (await response.text()).length < 3000]
    }),
  )

  expect(answers).toEqual([
    [422, true],
    [422, true],
  ])
})
