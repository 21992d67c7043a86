import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Result } from '../../src/dialects/query.ts'
import { batchOf } from '../../src/transitions/transition.ts'
import type { Reading } from '../support/plans.ts'
import type { Case } from './cases/case.ts'
import { leftOut } from './cases/left-out.ts'
import { cases } from './cases.ts'
import { failureKinds, queueNames } from './fill.ts'
import { type Scene, scenes, type Store, stores } from './stores.ts'

const fillingMs = 600_000

describe.each(Object.keys(stores) as Dialect['name'][])('%s', (dialect) => {
  describe.each(scenes)('jobs $shape, analyzed $analyzed', (scene) => {
    let store: Store
    beforeAll(async () => {
      store = await stores[dialect](scene)
    }, fillingMs)
    afterAll(() => store.close(), fillingMs)

    test.each(casesOf(dialect, scene))('$name reads what it was asked for, by index ranges', async (tried) => {
      const transition = tried.of(store.dialect)
      const { locks, statements } = batchOf(store.dialect, transition)

      const reading = await store.read(statements, tried)

      const { dispatched = null } = Object(transition.read(reading.results.slice(locks), { resent: false }))
      const { rows, affected } = reading.results.at(-1) as Result
      const one = { 'one a queue': queueNames[scene.shape].length, 'one a kind': failureKinds[scene.shape] }
      // A dispatch answers how many; the others, which.
      expect(dispatched ?? (rows.length || affected)).toBe(
        typeof tried.answers === 'number' ? tried.answers : one[tried.answers],
      )
      expect(problemsOf(reading, tried, store)).toEqual([])
    })
  })
})

/** What is wrong with the plans of a batch, and then the plans. */
function problemsOf(
  { faults, walked, visited, pages, text }: Reading,
  { max, queues = 1, walks = [] }: Case,
  { smallestTree }: Store,
): string[] {
  const problems = [...faults]
  for (const name of walked) if (!walks.includes(name)) problems.push(`a walk of ${name}`)
  if (visited !== null && visited > max * queues) problems.push(`${visited} rows were read for ${max} jobs`)
  // The way down each tree, and of each job its leaf in five of them.
  const most = 25 + 5 * max
  if (pages !== null && pages > most) problems.push(`${pages} pages were read, and ${most} are enough for ${max} jobs`)
  // Fewer pages than any tree has: no walk went on to the end of one.
  if (pages !== null && walks.length > 0 && pages >= Number(smallestTree))
    problems.push(`${pages} pages were read, and the smallest tree has ${smallestTree}`)
  return problems.length === 0 ? [] : [...problems, text]
}

function casesOf(dialect: Dialect['name'], { shape, analyzed }: Scene): Case[] {
  const out = leftOut.filter(
    (entry) =>
      entry.dialect === dialect && entry.scenes.some((scene) => scene.shape === shape && scene.analyzed === analyzed),
  )
  return cases
    .filter((tried) => (tried.shape === 'tenants') === (shape === 'tenants'))
    .filter(({ name }) => !out.some((entry) => entry.cases.test(name)))
}
