import { expect, test } from 'vitest'
import { sqlite } from '../src/drivers/sqlite.ts'
import { type Connection, defineQueue, task, typed } from '../src/index.ts'
import { migrate } from '../src/migrate.ts'
import { ticks } from '../src/platforms/cloudflare.ts'
import { tick } from '../src/ticks/index.ts'
import { silent } from './support/open-queue.ts'

const greet = task('greet', { input: typed<{ name: string }>() })
const performGreet = greet.perform(({ name }) => `Hello, ${name}`)
const ping = task('ping', { run: () => 'pong' })

/** A connection that notes that it was closed. */
async function connected(): Promise<{ connection: Connection; isClosed: () => boolean }> {
  const driver = sqlite(':memory:')
  await migrate(driver)
  let closed = false
  const noting = Object.create(driver, {
    close: {
      value: async () => {
        closed = true
        await driver.close()
      },
    },
  }) as typeof driver
  return { connection: { driver: noting }, isClosed: () => closed }
}

const unused = (): never => {
  throw new Error('There is a connection.')
}

test('a queue is opened on a connection of its own, with performers, and performs', async () => {
  const { connection } = await connected()
  const jobs = defineQueue({ tasks: [greet], logger: silent, connect: unused })
  await using queue = jobs.open(undefined, undefined, { perform: [performGreet], connection })

  const job = await queue.enqueue(greet, { name: 'Ada' })
  await tick(queue)

  expect(await queue.result(job, { of: performGreet })).toBe('Hello, Ada')
})

test('a performer of another queue is refused where the types did not see it', () => {
  const jobs = defineQueue({ tasks: [ping], logger: silent, connect: () => ({ driver: sqlite(':memory:') }) })

  expect(() => jobs.open(undefined, undefined, { perform: [performGreet] as never })).toThrow(
    'there is no task "greet" in this queue\'s `tasks`',
  )
})

test('a queue is closed at the end of the block that declares it', async () => {
  const { connection, isClosed } = await connected()
  const jobs = defineQueue({ tasks: [ping], logger: silent, connect: () => connection })
  {
    await using queue = jobs.open()
    await queue.enqueue(ping)
    expect(isClosed()).toBe(false)
  }
  expect(isClosed()).toBe(true)
})

test('the ticks of a Worker whose tasks have their handlers need no performers, and close their queue', async () => {
  const { connection, isClosed } = await connected()
  const finished: string[] = []
  const jobs = defineQueue({
    tasks: [ping],
    logger: silent,
    connect: () => connection,
    on: { 'job.finished': ({ task: taskName }) => void finished.push(taskName) },
  })
  await jobs.open().enqueue(ping)

  await ticks(jobs).scheduled(null, undefined, { waitUntil() {} })

  expect(finished).toEqual(['ping'])
  expect(isClosed()).toBe(true)
})
