import { expect, test } from 'vitest'
import { type DatabaseError, defineQueue } from '../../src/index.ts'
import { newId } from '../../src/job/job-id.ts'
import { databases } from '../support/databases.ts'
import { openQueue } from '../support/open-queue.ts'
import { silent } from '../support/silent.ts'
import { greet } from '../support/tasks.ts'

/** An error of a driver as another copy of the package throws it: of another class. */
const foreignError = ({ message, failure }: DatabaseError) =>
  Object.assign(new Error(message), {
    code: 'DATABASE_FAILED',
    failure,
    [Symbol.for('steadytick.error')]: true,
  })

test('a driver of another copy of the package is understood: an id that is stored is no error', async () => {
  const { driver } = await openQueue(databases.sqlite)
  const foreign = {
    ...driver,
    batch: (...args: Parameters<typeof driver.batch>) =>
      driver.batch(...args).catch((error: DatabaseError) => {
        throw foreignError(error)
      }),
  }
  const queue = defineQueue({ tasks: [greet], connect: () => ({ driver: foreign }), logger: silent }).open()
  const id = newId()
  await queue.enqueue(greet, { name: 'Ada' }, { id })

  expect(await queue.enqueue(greet, { name: 'Bob' }, { id })).toEqual({ id, state: 'ready', created: false })
})

test('a context without waitUntil fails no enqueue: its job is stored', async () => {
  const { driver } = await openQueue(databases.sqlite)
  const jobs = defineQueue({ tasks: [greet], connect: () => ({ driver, nudge: async () => {} }), logger: silent })

  const { created } = await jobs.open(undefined, { perform: [] } as never).enqueue(greet, { name: 'Ada' })

  expect(created).toBe(true)
})
