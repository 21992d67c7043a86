import { expect, test } from 'vitest'
import { RecurrentProblem } from '../src/recurrent-problem.ts'

const minute = 60_000

function open() {
  let now = Date.UTC(2026, 0, 1)
  const lines: unknown[] = []
  const problem = new RecurrentProblem(
    { level: 'error', message: 'It is away', over: 'It is back' },
    (level, message, fields) => lines.push([level, message, fields]),
    () => now,
  )
  /** It comes each second, for so long. */
  const comesFor = (ms: number, subject = 'a') => {
    for (const end = now + ms; now < end; now += 1000) problem.came(subject, { subject, error: 'why' })
  }
  return { problem, comesFor, lines, wait: (ms: number) => void (now += ms) }
}

test('it is logged when it begins, at growing intervals with a count, and when it ends', () => {
  const { problem, comesFor, lines } = open()

  comesFor(8 * minute)
  problem.ended('a')
  problem.ended('a')

  expect(lines).toEqual([
    ['error', 'It is away', { subject: 'a', error: 'why' }],
    ['error', 'It is away', { subject: 'a', error: 'why', times: 61, lasted: '1m' }],
    ['error', 'It is away', { subject: 'a', error: 'why', times: 181, lasted: '3m' }],
    ['error', 'It is away', { subject: 'a', error: 'why', times: 421, lasted: '7m' }],
    ['info', 'It is back', { subject: 'a', times: 480, lasted: '8m' }],
  ])
})

test('it is logged each hour, however long it lasts', () => {
  const { comesFor, lines } = open()

  comesFor(127 * minute)
  const before = lines.length
  comesFor(10 * 60 * minute)

  expect(lines.length - before).toBe(10)
})

test('one that comes and goes each second is logged no more often', () => {
  const { problem, lines, wait } = open()

  for (let second = 0; second < 60; second += 1) {
    problem.came('a', {})
    problem.ended('a')
    wait(1000)
  }

  expect(lines).toEqual([
    ['error', 'It is away', {}],
    ['info', 'It is back', { times: 1, lasted: '0ms' }],
  ])
})

test('one that comes again later begins anew, and subjects are told apart', () => {
  const { problem, comesFor, lines, wait } = open()

  comesFor(1000, 'a')
  comesFor(1000, 'b')
  problem.endedBut(new Set(['b']))
  wait(2 * minute)
  comesFor(1000, 'a')

  expect(lines).toEqual([
    ['error', 'It is away', { subject: 'a', error: 'why' }],
    ['error', 'It is away', { subject: 'b', error: 'why' }],
    ['info', 'It is back', { subject: 'a', times: 1, lasted: '2s' }],
    ['error', 'It is away', { subject: 'a', error: 'why' }],
  ])
})
