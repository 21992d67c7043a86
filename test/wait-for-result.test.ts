import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Job } from '../src/index.ts'
import { waitForResult } from '../src/wait-for-result.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const ready = async () => ({ state: 'ready', outcome: null }) as Job

test('an abort ends the wait at once, with its reason, and looks no more', async () => {
  const leaving = new AbortController()
  const find = vi.fn(ready)
  const waiting = waitForResult(find, { id: 'a', timeoutMs: 60_000, signal: leaving.signal })
  const ended = waiting.catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(10_000)
  const looks = find.mock.calls.length

  leaving.abort(new Error('the client left'))

  expect(await ended).toMatchObject({ message: 'the client left' })
  expect(find).toHaveBeenCalledTimes(looks)
  expect(vi.getTimerCount()).toBe(0)
})

test('a signal that is aborted already asks for nothing', async () => {
  const find = vi.fn(ready)
  const signal = AbortSignal.abort(new Error('gone'))

  await expect(waitForResult(find, { id: 'a', timeoutMs: 60_000, signal })).rejects.toThrow('gone')

  expect(find).not.toHaveBeenCalled()
})

test('a job that ends in the last moment of the wait is found', async () => {
  const end = Date.now() + 2990
  const find = async () => ({ state: Date.now() >= end ? 'finished' : 'ready', outcome: null, result: 5 }) as Job
  const waiting = waitForResult(find, { id: 'a', timeoutMs: 3000, signal: undefined })

  await vi.advanceTimersByTimeAsync(3000)

  expect(await waiting).toBe(5)
})

test('an abort while the job is looked for ends the wait at once', async () => {
  const leaving = new AbortController()
  const find = async () => {
    leaving.abort(new Error('the client left'))
    return ready()
  }
  const ended = waitForResult(find, { id: 'a', timeoutMs: 60_000, signal: leaving.signal }).catch(
    (error: unknown) => error,
  )

  await vi.advanceTimersByTimeAsync(1)

  expect(await ended).toMatchObject({ message: 'the client left' })
})
