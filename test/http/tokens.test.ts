import { describe, expect, test } from 'vitest'
import { api, type Token } from '../../src/http/api.ts'
import { defineQueue, task } from '../../src/index.ts'
import { openApi } from '../support/open-api.ts'
import { greet } from '../support/tasks.ts'
import { work } from '../../src/ticks/index.ts'

const clean = task('clean', { queue: 'mail', priority: 5, run: () => {} })
const alone = task('alone', { run: () => {}, concurrency: { key: 'all', onConflict: 'skip' } })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const job = { task: 'greet', payload: { name: 'Ada' } }

const problemOf = async (response: Response) => {
  const { code, detail } = await response.json<{ code: string; detail: string }>()
  return [response.status, code, detail]
}

test.each(['p@ss:word', 'a,b', 'pä$$ wörd!', ' leading', 'trailing ', 'line\n', '=a'])(
  'a token that no request can carry is said to be one: %j',
  async (secret) => {
    const { post } = await openApi({ token: () => secret })

    const answers = [await post(job), await post(job, { authorization: `Bearer ${encodeURIComponent(secret)}` })]

    for (const answer of answers)
      expect(await problemOf(answer)).toEqual([
        503,
        'TOKEN_UNUSABLE',
        expect.stringContaining('its token has characters that no request can carry'),
      ])
  },
)

test('of several tokens, the one that cannot be used is named, and one that is not set is none', async () => {
  const env = { GOOD: 'good', BAD: 'b a d', NONE: undefined }
  const withBad = await openApi({
    token: [
      { secret: () => env.GOOD, look: true },
      { secret: () => env.BAD, look: true },
    ],
  })
  const withNone = await openApi({
    token: [
      { secret: () => env.NONE, enqueue: true },
      { secret: () => env.GOOD, enqueue: true },
    ],
  })

  expect(await problemOf(await withBad.post(job, bearer('good')))).toEqual([
    503,
    'TOKEN_UNUSABLE',
    expect.stringContaining('its token 2 of 2'),
  ])
  expect((await withNone.post(job, bearer('good'))).status).toBe(201)
  expect((await withNone.post(job, bearer('undefined'))).status).toBe(401)
})

test.each([
  ['no header', {}, 401, 'TOKEN_REQUIRED', 'Bearer realm=""'],
  ['another token', bearer('other'), 401, 'TOKEN_WRONG', 'Bearer error="invalid_token"'],
  [
    'another scheme',
    { authorization: 'Basic c2VjcmV0' },
    400,
    'AUTHORIZATION_INVALID',
    'Bearer error="invalid_request"',
  ],
  ['what is no token', bearer('a b'), 400, 'AUTHORIZATION_INVALID', 'Bearer error="invalid_request"'],
])('%s is answered as what it is', async (_, headers, status, code, challenge) => {
  const { post } = await openApi({ token: () => 'secret' })

  const answer = await post(job, headers)

  expect(answer.headers.get('www-authenticate')).toBe(challenge)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(await problemOf(answer)).toEqual([status, code, expect.stringContaining('authorization: Bearer')])
})

describe('a token may do what it says', () => {
  const token: Token<object>[] = [
    { secret: () => 'everything', look: true, enqueue: true },
    { secret: () => 'form', enqueue: { tasks: ['greet', 'clean'], queues: ['default'], maxPriority: 0 } },
    { secret: () => 'skips', enqueue: true },
    { secret: () => 'watcher', look: true },
  ]
  const open = () => openApi({ tasks: [clean, alone], token })

  test('it may only enqueue', async () => {
    const { post, request } = await open()

    const posted = await post(job, bearer('form'))
    const { id } = await posted.json<{ id: string }>()
    const looked = await request(`/api/jobs/${id}`, { headers: bearer('form') })

    expect(posted.status).toBe(201)
    expect(await problemOf(looked)).toEqual([403, 'TOKEN_LIMITED', 'This token may not look at jobs. Send another.'])
    expect((await request(`/api/jobs/${id}`, { headers: bearer('everything') })).status).toBe(200)
  })

  test('it may only look', async () => {
    const { post, request, queue } = await open()
    const { id } = await queue.enqueue(greet, { name: 'Ada' })

    const looked = await request(`/api/jobs/${id}`, { headers: bearer('watcher') })
    const posted = await post(job, bearer('watcher'))

    expect(looked.status).toBe(200)
    expect(await problemOf(posted)).toEqual([403, 'TOKEN_LIMITED', 'This token may not enqueue. Send another.'])
  })

  test.each([
    ['another task', { task: 'alone', payload: null }, 'task', '"alone" is not offered here; there are greet, clean'],
    ['another queue', { ...job, queue: 'mail' }, 'queue', '"mail" is not offered here; there are default'],
    [
      "its task's queue",
      { task: 'clean', payload: null, priority: 0 },
      'queue',
      '"mail" is not offered here; there are default',
    ],
    ['a larger priority', { ...job, priority: 1 }, 'priority', '1 is not offered here; use 0 at most'],
    [
      "its task's priority",
      { task: 'clean', payload: null, queue: 'default' },
      'priority',
      '5 is not offered here; use 0 at most',
    ],
  ])('it may not enqueue with %s', async (_, body, field, message) => {
    const { post, queue } = await open()

    const single = await post(body, bearer('form'))
    const listed = await post([job, body], bearer('form'))

    expect([single.status, listed.status]).toEqual([422, 422])
    expect(await single.json()).toMatchObject({ errors: [{ field, message }] })
    expect(await listed.json()).toMatchObject({ errors: [{ field: `[1].${field}`, message }] })
    expect((await work(queue)).claimed).toBe(0)
    expect((await post(body, bearer('everything'))).status).toBe(201)
  })

  test('it hears which jobs hold a key only if it may look at jobs', async () => {
    const { post } = await open()
    const body = { task: 'alone', payload: null }
    const { id } = await (await post(body, bearer('everything'))).json<{ id: string }>()

    const skipped = { id: null, state: 'skipped' }
    const single = await post(body, bearer('skips'))
    const listed = await post([body], bearer('skips'))
    expect([single.status, listed.status]).toEqual([200, 200])
    expect(await single.json()).toEqual(skipped)
    expect(await listed.json()).toEqual([skipped])
    expect(await (await post(body, bearer('everything'))).json()).toEqual({ ...skipped, heldBy: [id] })
  })
})

test('what is offered over HTTP is said once, and no token has more', async () => {
  const { post } = await openApi({
    tasks: [clean, alone],
    offer: { tasks: ['greet', 'clean'], maxPriority: 50 },
    token: [
      { secret: () => 'all', enqueue: true },
      { secret: () => 'more', enqueue: { maxPriority: 100 } },
    ],
  })

  const status = async (body: object, token: string) => (await post(body, bearer(token))).status
  expect(await status(job, 'all')).toBe(201)
  expect(await status({ task: 'alone', payload: null }, 'all')).toBe(422)
  expect(await status({ task: 'alone', payload: null }, 'more')).toBe(422)
  expect(await status({ ...job, priority: 50 }, 'more')).toBe(201)
  expect(await status({ ...job, priority: 51 }, 'more')).toBe(422)
})

const jobs = defineQueue({
  tasks: [greet, clean],
  queues: ['default', 'mail'],
  connect: (_: { readonly TOKEN: string }) => {
    throw new Error('not used')
  },
})

test('the types know the tasks and the environment', () => {
  const secret = (env: { readonly TOKEN: string }) => env.TOKEN

  api(jobs, { token: [{ secret, enqueue: { tasks: ['greet'] } }], offer: { tasks: ['greet', 'clean'] } })
  // @ts-expect-error There is no such variable.
  expect(() => api(jobs, { token: (env) => env.TOKENS })).not.toThrow()
  // @ts-expect-error There is no such task.
  expect(() => api(jobs, { token: [{ secret, enqueue: { tasks: ['great'] } }] })).toThrow(/"great"/)
  // @ts-expect-error There is no such task.
  expect(() => api(jobs, { token: secret, offer: { tasks: ['great'] } })).toThrow(/"great"/)
  // @ts-expect-error It is not said whether a token is asked for.
  expect(() => api(jobs, {})).toThrow(/token/)
})

test.each<[object, string]>([
  [{ token: [] }, 'token: use a function that gives the secret, a list of tokens, or null on loopback'],
  [{ token: 'secret' }, 'token: use a function that gives the secret, a list of tokens, or null on loopback'],
  [{ token: [{ secret: 'a', look: true }] }, 'token[0].secret: "a"; use a function of the environment'],
  [{ token: [{ secret: () => 'a' }] }, 'token[0]: it may do nothing; give it look or enqueue'],
  [{ token: [{ secret: () => 'a', look: 1 }] }, 'token[0].look: 1; use true or false'],
  [
    { token: [{ secret: () => 'a', look: true, may: 1 }] },
    'token[0].may: is not known; there are secret, look, enqueue',
  ],
  [
    { token: [{ secret: () => 'a', enqueue: { tasks: ['great'] } }] },
    'token[0].enqueue.tasks: "great" is not offered; there are greet, clean',
  ],
  [
    { token: [{ secret: () => 'a', enqueue: { tasks: ['clean'] } }], offer: { tasks: ['greet'] } },
    'token[0].enqueue.tasks: "clean" is not offered; there are greet',
  ],
  [
    { token: [{ secret: () => 'a', enqueue: { queues: ['slow'] } }] },
    'token[0].enqueue.queues: "slow" is not offered; there are default, mail',
  ],
  [{ token: null, offer: { tasks: [] } }, 'offer.tasks: […]; use a list of names, or leave it out for all'],
  [{ token: null, offer: { task: ['greet'] } }, 'offer.task: is not known; there are tasks, queues, maxPriority'],
  [{ token: null, offer: { maxPriority: 101 } }, 'offer.maxPriority: 101; use a whole number from -100 to 100'],
  [{ token: null, offer: 1 }, 'offer: 1; use an object of tasks, queues, maxPriority'],
  [{ token: null, hosts: ['a.example:80'] }, 'hosts: use a list of names as in a URL, without a port'],
  [{ token: () => 'a', hosts: ['a.example'] }, 'hosts: with a token, any name will do; leave it out'],
  [{ token: null, stacks: 'yes' }, 'stacks: "yes"; use true or false'],
  [{ token: null, tokens: 1 }, 'tokens: is not known; there are token, offer, hosts, stacks'],
])('what is wrong with the options is said at the start (%#)', (options, problem) => {
  expect(() => api(jobs, options as never)).toThrow(
    expect.objectContaining({ name: 'ConfigurationError', message: `The HTTP API cannot be used:\n- ${problem}` }),
  )
})
