import { expect, test } from 'vitest'
import { z } from 'zod'
import { ConfigurationError, fixed, task, type Task, typed } from '../../src/index.ts'
import { withDefaults } from '../../src/job/defined-task.ts'
import { newId } from '../../src/job/job-id.ts'
import { standardDefaults } from '../../src/job/task-defaults.ts'
import { issueText } from '../../src/job/issue.ts'

const problemsOf = (define: () => unknown): readonly string[] => {
  try {
    define()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.issues.map(issueText)
    throw error
  }
  return []
}

const own = (defined: Task) => withDefaults(defined, standardDefaults)

test('a task without options has the defaults', () => {
  expect(own(task('greet'))).toMatchObject({
    name: 'greet',
    queue: 'default',
    priority: 0,
    maxAttempts: 1,
    timeoutMs: null,
    onLost: 'retry',
    schema: null,
    takesPayload: false,
    run: null,
  })
})

test('a task has what its options say', () => {
  const backoff = fixed('1m')
  const input = z.object({})

  expect(
    own(task('t', { queue: 'mail', priority: -100, maxAttempts: 3, timeout: '1m', onLost: 'fail', backoff, input })),
  ).toMatchObject({
    queue: 'mail',
    priority: -100,
    maxAttempts: 3,
    timeoutMs: 60_000,
    onLost: 'fail',
    backoff,
    schema: input,
    takesPayload: true,
  })
})

test('all that is wrong with a task is said at once', () => {
  const problems = problemsOf(() =>
    task('a b', {
      queue: 'mail*',
      priority: 101,
      maxAttempts: 0,
      timeout: '5 minutes' as never,
      onLost: 'ignore' as never,
      backoff: '5m' as never,
      input: {} as never,
    }),
  )

  expect(problems.map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
    'name',
    'queue',
    'priority',
    'maxAttempts',
    'backoff',
    'timeout',
    'onLost',
    'input',
  ])
})

test('an option that is not known is refused: misspelt, it would mean nothing in silence', () => {
  expect(problemsOf(() => task('t', { maxAttempt: 5, run() {} } as never))).toEqual([
    'maxAttempt: is not known; there are queue, priority, maxAttempts, backoff, timeout, onLost, concurrency, input, run',
  ])
})

test.each([
  ['', 'name'],
  ['x'.repeat(256), 'name'],
])('the name %j is refused', (name, field) => {
  expect(problemsOf(() => task(name))).toEqual([expect.stringContaining(`${field}: `)])
})

test('using sets what differs, and leaves the task as it was', () => {
  const plain = task('plain', { input: typed<{ a: number }>(), queue: 'mail', priority: 5 })
  const id = newId()

  const urgent = plain.using({ priority: 0, runAfter: '5m' }).using({ queue: 'now', id })

  expect(urgent['~'].set).toEqual({ queue: 'now', priority: 0, runAfter: '5m', id })
  expect(urgent['~'].own).toMatchObject({ queue: 'mail', priority: 5 })
  expect(plain['~'].set).toEqual({})
  expect(urgent.call({ a: 1 })).toEqual({ task: urgent, payload: { a: 1 } })
})

test.each<[object, string]>([
  [{ priority: 1.5 }, 'priority: 1.5'],
  [{ queue: '' }, 'queue: '],
  [{ runAfter: 'soon' }, 'runAfter: "soon"'],
  [{ runAfter: new Date(Number.NaN) }, 'runAfter: an invalid Date'],
  [{ id: 'order-5' }, 'id: "order-5"; use a UUID'],
  [{ id: newId().toUpperCase() }, 'in lower case'],
  [{ runafter: '5m' }, 'runafter: is not known; there are queue, priority, runAfter, id'],
  [null as never, 'options: null; use an object of queue, priority, runAfter, id'],
  ['5m' as never, 'options: "5m"; use an object of queue, priority, runAfter, id'],
])('using %j is refused', (set, message) => {
  expect(problemsOf(() => task('plain').using(set))).toEqual([expect.stringContaining(message)])
})

test('a handler that is no function is refused where it is given', () => {
  expect(() => task('x', { run: 'run' as never })).toThrow('run: "run"; use a function')
  expect(() => task('x').perform(5 as never)).toThrow('handler: 5; use a function')
})
