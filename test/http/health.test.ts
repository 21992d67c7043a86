import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { api } from '../../src/http/api.ts'
import { defineQueue } from '../../src/index.ts'
import { migrate } from '../../src/migrate.ts'
import { databases } from '../support/databases.ts'
import { silent } from '../support/open-queue.ts'
import { greet } from '../support/tasks.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

test('healthz looks at the database each five seconds at most, whoever asks', async () => {
  const driver = databases.sqlite()
  await driver.create?.()
  const error = vi.fn()
  const logger = { ...silent, error }
  const looks = vi.spyOn(driver, 'batch')
  const app = api(defineQueue({ tasks: [greet], logger, connect: () => ({ driver }) }), { token: () => 'secret' })
  const ask = async () => {
    const response = await app.request('/healthz')
    return [response.status, (await response.json<{ code?: string; schemaVersion?: number }>()).code]
  }

  const before = [await ask(), await ask()]
  const errors = error.mock.calls.length
  await migrate(driver)
  const still = await ask()
  vi.advanceTimersByTime(5001)
  const after = await ask()
  const used = looks.mock.calls.length
  await ask()

  expect(before).toEqual([
    [503, 'SCHEMA_MISMATCH'],
    [503, 'SCHEMA_MISMATCH'],
  ])
  expect(errors).toBe(1)
  expect(still).toEqual([503, 'SCHEMA_MISMATCH'])
  expect(after).toEqual([200, undefined])
  expect(looks).toHaveBeenCalledTimes(used)
  await driver.close()
})

test('healthz is answered to all who ask at once by one look at the database', async () => {
  const driver = databases.sqlite()
  await driver.create?.()
  await migrate(driver)
  const app = api(defineQueue({ tasks: [greet], logger: silent, connect: () => ({ driver }) }), {
    token: () => 'secret',
  })
  const looks = vi.spyOn(driver, 'batch')

  const answers = await Promise.all(Array.from({ length: 50 }, async () => app.request('/healthz')))

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(looks).toHaveBeenCalledTimes(1)
  await driver.close()
})
