import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startTimer } from '../../src/job/timer.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const day = 86_400_000

test('a timer waits longer than the runtime can', () => {
  const act = vi.fn()
  startTimer(60 * day, act)

  vi.advanceTimersByTime(60 * day - 1)
  expect(act).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(act).toHaveBeenCalledOnce()
})

test('a timer that is stopped between two of its waits never acts', () => {
  const act = vi.fn()
  const stop = startTimer(60 * day, act)

  vi.advanceTimersByTime(40 * day)
  stop()
  vi.advanceTimersByTime(100 * day)
  expect(act).not.toHaveBeenCalled()
})

test('a timer without end never acts', () => {
  const act = vi.fn()
  startTimer(Number.POSITIVE_INFINITY, act)

  vi.advanceTimersByTime(1000 * day)
  expect(act).not.toHaveBeenCalled()
})
