import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { ConfigurationError, defineQueue, task } from '../../src/index.ts'
import { manage } from '../../src/manage/index.ts'
import { migrate } from '../../src/migrate.ts'
import { testQueue } from '../../src/testing/index.ts'
import { run, schedule, tick } from '../../src/ticks/index.ts'
import { databases } from '../support/databases.ts'
import { silent } from '../support/silent.ts'
import { issueText } from '../../src/job/issue.ts'

const report = task('report', { input: z.object({ to: z.email() }), queue: 'reports', run: () => {} })
const tidy = task('tidy', { run: () => {} })
const foreign = task('foreign', { run: () => {} })

/** All that is wrong with a definition. */
function problemsOf(recurring: unknown): readonly string[] {
  try {
    defineQueue({
      tasks: [report, tidy],
      queues: ['default', 'reports'],
      recurring: recurring as Record<string, never>,
      connect: () => ({ driver: {} as never }),
    })
    return []
  } catch (error) {
    if (error instanceof ConfigurationError) return error.issues.map(issueText)
    throw error
  }
}

test('all that is wrong with all recurring tasks is listed in one error', () => {
  expect(
    problemsOf({
      whole: { task: report, payload: { to: 'ada@example.com' }, schedule: '@daily', timeZone: 'Asia/Kolkata' },
      'a b': { task: tidy, schedule: '@daily' },
      cron: { task: tidy, schedule: '*/90 * * * *', timeZone: 'Mars/Base' },
      payload: { task: report, payload: { to: 'nobody' }, schedule: '@daily' },
      unstorable: { task: tidy, payload: () => {}, schedule: '@daily' },
      task: { task: foreign, schedule: '@daily' },
      name: { task: 'tidy', schedule: '@daily' },
      policy: { task: tidy, schedule: '@daily', catchUp: 'some', priority: 1.5, queue: 'nowhere' },
      typo: { task: tidy, schedule: '@daily', timezone: 'UTC', description: 5 },
      set: { task: tidy.using({ runAfter: '1m', id: '0190a5f0-0000-7000-8000-000000000001' }), schedule: '@daily' },
      nothing: null,
      text: '@daily',
    }),
  ).toEqual([
    'recurring["a b"].key: "a b"; use 1 to 255 characters without white space',
    'recurring["cron"].schedule: "*/90 * * * *"; the minute "*/90": a step of 90, of only 60; it would not mean what it says',
    'recurring["cron"].timeZone: "Mars/Base" is no time zone; use a name such as "Europe/Madrid", or "UTC"',
    'recurring["payload"].payload.to: Invalid email address',
    expect.stringMatching(/^recurring\["unstorable"\]\.payload: /),
    'recurring["task"].task: "foreign" is not in the `tasks` of this queue; add it there',
    'recurring["name"].task: "tidy" is no task; use what task() gave',
    'recurring["policy"].catchUp: "some"; use "latest", "all" or "none"',
    'recurring["policy"].queue: "nowhere" is not declared; there are default, reports',
    'recurring["policy"].priority: 1.5; use a whole number from -100 to 100',
    'recurring["typo"].timezone: is not known; there are task, payload, schedule, timeZone, queue, priority, catchUp, description',
    'recurring["typo"].description: use a text of 1,000 characters at most',
    'recurring["set"].task: it has `runAfter`, which an occurrence cannot have',
    'recurring["set"].task: it has `id`, which an occurrence cannot have',
    'recurring["nothing"]: null; use an object of task, payload, schedule, timeZone, queue, priority, catchUp, description',
    'recurring["text"]: "@daily"; use an object of task, payload, schedule, timeZone, queue, priority, catchUp, description',
  ])
})

test.each([
  'foo * * * *',
  '30-10 * * * *',
  'L * * * *',
  '* * * foo-bar *',
  '*/0 * * * *',
  '0 0 * * 5#9',
  '0 0 * * 1#0',
  '0 0 * * 7-1',
  '60 * * * *',
  '* * 0 * *',
  '* * * jan *,',
])('a field that says nothing is found by the definition: %s', (expression) => {
  expect(problemsOf({ wrong: { task: tidy, schedule: expression } })).toEqual([
    expect.stringMatching(/^recurring\["wrong"\]\.schedule: ".*"; the /),
  ])
})

test.each([[null], [5], [['a']], [new Map([['a', { task: tidy, schedule: '@daily' }]])], ['daily']])(
  '%s is no set of recurring tasks',
  (recurring) => {
    expect(problemsOf(recurring)).toEqual(['recurring: use an object that has each recurring task under its key'])
  },
)

test('a definition has 1,000 recurring tasks at most', () => {
  const recurring = Object.fromEntries(
    Array.from({ length: 1001 }, (_, index) => [`task-${index}`, { task: tidy, schedule: '@daily' }]),
  )

  expect(problemsOf(recurring)).toEqual([
    'recurring: 1001 recurring tasks; use 1000 at most, or create them at run time',
  ])
})

test('fields that are right, but never come together, are refused before anything runs', async () => {
  const jobs = defineQueue({
    tasks: [tidy],
    recurring: { never: { task: tidy, schedule: '0 0 31 2 *' } },
    connect: () => ({ driver: databases.sqlite({}) }),
    logger: silent,
  })
  const queue = jobs.open()
  onTestFinished(() => queue.close())
  await migrate(queue.driver)
  const { id } = await queue.enqueue(tidy)
  const problem = 'recurring["never"].schedule: "0 0 31 2 *"; there is no such day in these months'

  for (const act of [tick, schedule, tick]) await expect(act(queue)).rejects.toThrow(problem)
  await expect(run(queue, { signal: new AbortController().signal })).rejects.toThrow(problem)
  await expect(manage(queue).recurring.apply()).rejects.toThrow(problem)
  await expect(testQueue(jobs)).rejects.toThrow(problem)
  expect(await queue.find(id)).toMatchObject({ state: 'ready', attempts: 0 })
})
