import { expect, test } from 'vitest'
import type { Dialect, DialectOptions } from '../../src/dialects/dialect.ts'
import { postgres } from '../../src/dialects/postgres/index.ts'
import { sqlite } from '../../src/dialects/sqlite/index.ts'
import { newId } from '../../src/job/job-id.ts'
import { enqueue } from '../../src/transitions/enqueue.ts'
import { find } from '../../src/transitions/find.ts'
import { settle } from '../../src/transitions/settle.ts'
import { batchOf, type Transition } from '../../src/transitions/transition.ts'
import { endingOf } from '../support/claims.ts'
import { newJob } from '../support/jobs.ts'
import { cases } from '../plans/cases.ts'

const dialects: Record<Dialect['name'], (options?: DialectOptions) => Dialect> = { postgres, sqlite }

const textsOf = (dialect: Dialect, transition: Transition<unknown>) =>
  batchOf(dialect, transition).statements.map(({ sql }) => sql)

/** Each batch once, under the names of all moves that send it. */
function everyBatch(dialect: Dialect): string {
  const namesOf = new Map<string, string[]>()
  for (const { name, of } of cases) {
    const batch = textsOf(dialect, of(dialect)).join(';\n\n')
    namesOf.set(batch, [...(namesOf.get(batch) ?? []), name])
  }
  return [...namesOf]
    .map(([batch, names]) => `${names.map((name) => `-- ${name}`).join('\n')}\n\n${batch};\n`)
    .join('\n\n')
}

test.each(['postgres', 'sqlite'] as const)('%s sends these statements', async (name) => {
  await expect(everyBatch(dialects[name]())).toMatchFileSnapshot(`${name}.sql`)
})

test.each(['postgres', 'sqlite'] as const)('%s: every table has the prefix, and no other name changes', (name) => {
  const usual = everyBatch(dialects[name]())
  const own = everyBatch(dialects[name]({ prefix: 'app_jobs_' }))

  expect(own).not.toContain('steadytick_')
  expect(own.replaceAll('app_jobs_', 'steadytick_')).toBe(usual)
})

test('postgres: every table is in the schema', () => {
  const named = everyBatch(postgres({ schema: 'app' }))

  expect(named.replaceAll('"app".', '')).toBe(everyBatch(postgres()))
  expect(named.match(/"steadytick_/g)?.length).toBe(named.match(/"app"\."steadytick_/g)?.length)
})

test.each(['postgres', 'sqlite'] as const)(
  '%s: a text never depends on how many jobs it is about, so that it is compiled once',
  (name) => {
    const dialect = dialects[name]()
    const textsFor = (count: number) => {
      const ids = Array.from({ length: count }, newId)
      const jobs = ids.map((id) => newJob({ id }))
      const endings = ids.map((id) => endingOf({ id }))
      return [
        enqueue(dialect, { jobs }),
        settle(dialect, { processId: newId(), endings }),
        find(dialect, { ids }),
      ].flatMap((transition) => textsOf(dialect, transition))
    }

    expect(textsFor(500)).toEqual(textsFor(1))
  },
)
