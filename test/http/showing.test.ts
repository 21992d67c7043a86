import { expect, test } from 'vitest'
import { openApi } from '../support/open-api.ts'
import { hopeless } from '../support/tasks.ts'
import { tick } from '../../src/ticks/index.ts'

test.each([
  ['not shown', {}, false],
  ['shown where it was asked for', { stacks: true }, true],
])('the stack of an error is %s', async (_, options, shown) => {
  const { queue, request } = await openApi(options)
  const { id } = await queue.enqueue(hopeless)
  await tick(queue)

  const found = await request(`/api/jobs/${id}`)
  const { errors } = await found.json<{ errors: Record<string, unknown>[] }>()

  expect(errors).toEqual([
    {
      name: expect.any(String),
      message: expect.any(String),
      attempt: 1,
      at: expect.any(String),
      ...(shown ? { stack: expect.stringContaining('at ') } : {}),
    },
  ])
})

test('no answer is kept by a cache', async () => {
  const { post, request } = await openApi()

  const posted = await post({ task: 'greet', payload: { name: 'Ada' } })
  const { id } = await posted.clone().json<{ id: string }>()
  const answers = [
    posted,
    await request(`/api/jobs/${id}`),
    await request('/healthz'),
    await post('{'),
    await request('/'),
  ]

  expect(answers.map(({ status, headers }) => [status, headers.get('cache-control')])).toEqual(
    [201, 200, 200, 400, 404].map((status) => [status, 'no-store']),
  )
})

test('an answer moves no cursor of a terminal', async () => {
  const { post, request } = await openApi()
  const name = '\u001b[2J\u009b2J\u202e\u2028'

  const { id } = await (await post({ task: 'greet', payload: { name } })).json<{ id: string }>()
  const text = await (await request(`/api/jobs/${id}`)).text()

  expect(text).toMatch(/^[\u0020-\u007e]+$/)
  expect(JSON.parse(text)).toMatchObject({ payload: { name } })
})
