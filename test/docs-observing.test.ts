import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defineQueue, type EventName, type Hooks, task } from '../src/index.ts'
import { testQueue } from '../src/testing/index.ts'
import { tick } from '../src/ticks/index.ts'
import { silent } from './support/open-queue.ts'

const page = readFileSync('docs/observing.md', 'utf8')

/** The hooks of the page, and the fields of each. */
const described = new Map(
  [...page.matchAll(/^\| `((?:job|tick)\.[a-z]+)` .*\| (.*?) *\|$/gm)].map(
    ([, name = '', fields = '']): [string, string[]] => [
      name,
      [...fields.matchAll(/`(\w+)`/g)].map(([, field]) => field as string).toSorted(),
    ],
  ),
)

test('the page of hooks has each of them', () => {
  const names = [...readFileSync('src/events.ts', 'utf8').matchAll(/^ {2}'((?:job|tick)\.\w+)': (?!'|\()/gm)].map(
    ([, name]) => name as string,
  )

  expect(names.length).toBeGreaterThan(11)
  expect([...described.keys()].toSorted()).toEqual(names.toSorted())
})

test('hooks get the fields that the page says', async () => {
  const seen = new Map<string, string[]>()
  const on = Object.fromEntries(
    [...described.keys()].map((name) => [name, (event: object) => void seen.set(name, Object.keys(event).toSorted())]),
  ) as Hooks
  const flaky = task('flaky', {
    maxAttempts: 2,
    run: () => {
      throw new Error('busy')
    },
  })
  const single = task('single', { concurrency: { key: 'all', onConflict: 'skip' }, run: () => {} })
  const jobs = defineQueue({ tasks: [flaky, single], connect: () => ({ driver: {} as never }), logger: silent, on })
  const queue = await testQueue(jobs)

  await queue.enqueue(flaky)
  await queue.enqueue(single)
  await queue.enqueue(single)
  await queue.drain()
  await queue.advance('1h')
  await tick(queue)

  const emitted: readonly EventName[] = [
    'job.enqueued',
    'job.skipped',
    'job.started',
    'job.succeeded',
    'job.retried',
    'job.failed',
    'tick.started',
    'tick.finished',
  ]
  expect([...seen.keys()].toSorted()).toEqual(emitted.toSorted())
  for (const name of emitted) expect([name, described.get(name)]).toEqual([name, seen.get(name)])
})

test('the page of the log has each problem that is logged when it begins and when it ends', () => {
  const problems = globSync('src/**/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/message: '(.*)',\n\s*over: /g)].map(([, message]) => message as string),
  )

  expect(problems.length).toBeGreaterThan(5)
  expect(problems.filter((message) => !page.includes(`| \`${message}\` |`))).toEqual([])
})
