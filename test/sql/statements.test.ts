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

test.each([
  ['postgres', '"steadytick"."', '"steadytick"."app_jobs_'],
  ['sqlite', '"steadytick_', '"app_jobs_'],
] as const)('%s: every table has the prefix, and no other name changes', (name, usual, own) => {
  expect(everyBatch(dialects[name]({ prefix: 'app_jobs_' }))).toBe(everyBatch(dialects[name]()).replaceAll(usual, own))
})

test('postgres: every table is in the schema, and no other name changes', () => {
  const usual = everyBatch(postgres())

  expect(everyBatch(postgres({ schema: 'app' }))).toBe(usual.replaceAll('"steadytick".', '"app".'))
  expect(everyBatch(postgres({ prefix: 'app_jobs_' })).match(/(?<!"steadytick"\.)"app_jobs_/g)).toBeNull()
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
        settle(dialect, { invocationId: newId(), endings }),
        find(dialect, { ids }),
      ].flatMap((transition) => textsOf(dialect, transition))
    }

    expect(textsFor(500)).toEqual(textsFor(1))
  },
)
