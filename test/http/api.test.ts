import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { task } from '../../src/index.ts'
import { api } from '../../src/http/api.ts'
import { databases } from '../support/databases.ts'
import { openApi } from '../support/open-api.ts'
import { greet } from '../support/tasks.ts'
import { tick, work } from '../../src/ticks/index.ts'

const strict = task('strict', { input: z.object({ to: z.email() }), run: ({ to }) => to })
const waiting = task('waits', { run: () => {}, concurrency: { key: 'all' } })
const skipping = task('skips', { run: () => {}, concurrency: { key: 'all', onConflict: 'skip' } })
const counting = task('counting', { run: () => ({ count: 2n ** 64n }) })

const open = (token: ((env: object) => string | undefined) | null = null) =>
  openApi({ tasks: [strict, counting, waiting, skipping], token })

test('a job is enqueued, and found with all that is known of it', async () => {
  const { post, request, queue } = await open()

  const posted = await post({ task: 'greet', payload: { name: 'World' }, queue: 'mail', priority: 3 })
  const { id } = await posted.json<{ id: string }>()
  await tick(queue)
  const found = await request(`/api/jobs/${id}`)

  expect(posted.status).toBe(201)
  expect(found.status).toBe(200)
  expect(await found.json()).toEqual({
    id,
    task: 'greet',
    queue: 'mail',
    priority: 3,
    state: 'finished',
    outcome: 'succeeded',
    payload: { name: 'World' },
    result: { greeting: 'Hello, World', at: '1970-01-01T00:00:00.000Z' },
    progress: null,
    attempts: 1,
    maxAttempts: 1,
    releases: 0,
    losses: 0,
    errors: [],
    enqueuedAt: '2026-01-01T00:00:00.000Z',
    scheduledAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:00.000Z',
    retriedAt: null,
    concurrencyKey: null,
    recurring: null,
    invocationId: null,
  })
})

test('a job whose key is full is blocked, or skipped, and the answer says so', async () => {
  const { post } = await open()

  const answers = await Promise.all([
    post([
      { task: 'waits', payload: null },
      { task: 'waits', payload: null },
    ]),
    post([
      { task: 'skips', payload: null },
      { task: 'skips', payload: null },
    ]),
  ])

  const [waits, skips] = await Promise.all(answers.map((answer) => answer.json<{ id: string }[]>()))
  expect(answers.map(({ status }) => status)).toEqual([201, 201])
  expect(waits).toMatchObject([{ state: 'ready' }, { state: 'blocked' }])
  expect(skips).toMatchObject([{ state: 'ready' }, { id: null, state: 'skipped', heldBy: [skips?.[0]?.id] }])
})

test('a result that JSON has no word for is shown as its stored text', async () => {
  const { request, queue } = await open()
  const { id } = await queue.enqueue(counting)
  await tick(queue)

  const found = await request(`/api/jobs/${id}`)

  expect(await found.json()).toMatchObject({ result: { count: '18446744073709551616' } })
})

test('a list enqueues many, and answers in its order', async () => {
  const { post } = await open()

  const posted = await post([
    { task: 'greet', payload: { name: '1' } },
    { task: 'strict', payload: { to: 'a@b.co' }, runAfter: '5m' },
    { task: 'greet', payload: { name: '2' }, runAfter: '2030-01-01T00:00:00Z' },
  ])

  expect(posted.status).toBe(201)
  expect((await posted.json<{ state: string }[]>()).map(({ state }) => state)).toEqual([
    'ready',
    'scheduled',
    'scheduled',
  ])
})

test.each([
  ['invalid JSON', '{', 400, ''],
  ['no job at all', [], 422, ''],
  ['not an object', '5', 422, ''],
  ['an unknown task', { task: 'nothing' }, 422, 'task'],
  ['no task', { payload: 1 }, 422, 'task'],
  ['an unknown field', { task: 'greet', colour: 'red' }, 422, 'colour'],
  ['a priority out of range', { task: 'greet', priority: 101 }, 422, 'priority'],
  ['a runAfter that is none', { task: 'greet', runAfter: 'soon' }, 422, 'runAfter'],
  ['an instant that is none', { task: 'greet', runAfter: '2026-13-45T00:00:00Z' }, 422, 'runAfter'],
  ['a queue name that cannot be', { task: 'greet', queue: 'a*' }, 422, 'queue'],
  ['a payload that the schema refuses', { task: 'strict', payload: { to: 'nobody' } }, 422, 'payload.to'],
  ['a payload key that cannot be stored', '{"task":"greet","payload":{"__proto__":{}}}', 422, 'payload.__proto__'],
  [
    'one of a list',
    [
      { task: 'greet', payload: {} },
      { task: 'strict', payload: {} },
    ],
    422,
    '[1].payload.to',
  ],
])('%s is refused, naming the field, and nothing is stored', async (_, body, status, field) => {
  const { post, queue } = await open()

  const response = await post(body)
  const problem = await response.json<{ errors?: { field: string }[] }>()

  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  if (status === 422) expect(problem.errors?.map((error) => error.field)).toEqual([field])
  expect((await work(queue)).claimed).toBe(0)
})

test('other content types, and bodies that are too large, are refused', async () => {
  const { post } = await open()

  expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await post(`"${'a'.repeat(8 * 1024 * 1024)}"`)).status).toBe(413)
})

test('what is not there is said to be unknown', async () => {
  const { request } = await open()

  expect((await request('/api/jobs/0190a5f0-0000-7000-8000-000000000001')).status).toBe(404)
  expect((await request('/api/jobs/one')).status).toBe(400)
  expect((await request('/nothing')).status).toBe(404)
})

test('with a token, the API asks for it; without one it is closed', async () => {
  const guarded = await open(() => 'secret')
  const closed = await open(() => undefined)
  const body = { task: 'greet', payload: { name: 'World' } }

  expect((await guarded.post(body)).status).toBe(401)
  expect((await guarded.post(body, { authorization: 'Bearer wrong' })).status).toBe(401)
  expect((await guarded.post(body, { authorization: 'Bearer secret' })).status).toBe(201)
  expect((await closed.post(body, { authorization: 'Bearer ' })).status).toBe(503)
  expect((await guarded.request('/healthz')).status).toBe(200)
})

test('healthz answers 503 when the database does not serve this code', async () => {
  const driver = databases.sqlite()
  onTestFinished(() => driver.close())
  await driver.create?.()
  const { defineQueue } = await import('../../src/index.ts')
  const jobs = defineQueue({ tasks: [greet], connect: () => ({ driver }) })

  const response = await api(jobs, { token: null }).request('/healthz')

  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ code: 'SCHEMA_MISMATCH' })
})
