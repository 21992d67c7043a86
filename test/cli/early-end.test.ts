import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { defineQueue, task } from '../../src/index.ts'
import { configOf } from '../support/config-file.ts'
import { newFile } from '../support/folders.ts'
import { silent } from '../support/open-queue.ts'
import { startSteadytick, steadytick } from '../support/steadytick.ts'

const endless = `task('endless', { maxAttempts: 1, run: () => new Promise(() => {}) })`
const short = `task('short', { maxAttempts: 1, run: async () => {
  await new Promise((resolve) => setTimeout(resolve, 500))
  return 'done'
} })`
const troubles = {
  'a promise that nothing awaits': `() => void Promise.reject(new Error('nobody waits'))`,
  'an error in a callback': `() => void setTimeout(() => { throw new Error('late') }, 50)`,
  'process.exit(0)': `() => void setTimeout(() => process.exit(0), 50)`,
}

const beside = [task('endless'), task('short')]

/** A queue with an endless job, a short one, and the trouble. */
async function open(trouble: string) {
  const file = newFile()
  const env = { DATABASE_URL: `file:${file}` }
  const config = configOf(`${endless}, ${short}, task('trouble', { maxAttempts: 1, run: ${trouble} })`)
  await steadytick(['migrate'], env)
  const driver = sqlite(file)
  const tasks = [...beside, task('trouble')] as const
  const queue = defineQueue({ tasks, connect: () => ({ driver }), logger: silent }).open()
  const enqueued = await queue.enqueueAll(tasks.map((each) => each.call()))
  const states = async () =>
    Promise.all(enqueued.map(async ({ id }) => [(await queue.find(id))?.state, (await queue.find(id))?.attempts]))
  return { env, config, states, queue, ids: enqueued.map(({ id }) => id) }
}

test.each(Object.entries(troubles).slice(0, 2))(
  '%s ends `start` gracefully: jobs that end are settled, the others released',
  async (_, trouble) => {
    const { env, config, states, queue, ids } = await open(trouble)
    const started = await startSteadytick(env, ['--config', config])
    const said = text(started.process.stderr!)
    const [code] = (await once(started.process, 'close')) as [number]

    const [line] = (await said).trim().split('\n')
    expect(code).toBe(1)
    expect(JSON.parse(line ?? '')).toMatchObject({
      level: 'error',
      error: { message: expect.stringMatching(/nobody waits|late/), stack: expect.stringContaining('at ') },
      jobs: expect.arrayContaining([
        { id: ids[0], task: 'endless' },
        { id: ids[1], task: 'short' },
      ]),
    })
    expect((await states()).slice(0, 2)).toEqual([
      ['ready', 0],
      ['finished', 1],
    ])
    await queue.close()
  },
)

test('a job whose handler crashes its process three times fails, and the queue goes on', async () => {
  const { env, config, queue, ids } = await open(
    `() => new Promise(() => void setTimeout(() => { throw new Error('poison') }, 50))`,
  )
  const codes: number[] = []
  for (let crashes = 0; crashes < 3; crashes += 1) {
    const started = await startSteadytick(env, ['--config', config])
    const [code] = (await once(started.process, 'close')) as [number]
    codes.push(code)
  }

  expect(codes).toEqual([1, 1, 1])
  expect(await queue.find(ids[2] ?? '')).toMatchObject({
    state: 'failed',
    attempts: 0,
    errors: [{ name: 'ProcessCrashedError', message: expect.stringContaining('poison') }],
  })
  expect((await queue.find(ids[1] ?? ''))?.state).toBe('finished')
  await queue.close()
})

test.each(['start', 'drain', 'tick'])(
  'process.exit(0) in a handler of `%s` is logged, and the exit code is not 0',
  async (command) => {
    const { env, config, ids, queue } = await open(troubles['process.exit(0)'])
    const more = command === 'start' ? ['--port', '0'] : []

    const { code, stderr } = await steadytick([command, '--config', config, ...more], env)

    expect(code).toBe(1)
    expect(JSON.parse(stderr)).toMatchObject({
      message: expect.stringContaining('process.exit()'),
      code: 0,
      jobs: expect.arrayContaining([{ id: ids[0], task: 'endless' }]),
    })
    await queue.close()
  },
)

test('an exit code that a handler gives is kept', async () => {
  const { env, config, queue } = await open(`() => void setTimeout(() => process.exit(7), 50)`)

  expect((await steadytick(['tick', '--config', config], env)).code).toBe(7)
  await queue.close()
})
