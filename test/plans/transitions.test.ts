import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { batchOf, combine } from '../../src/transitions/transition.ts'
import { cases, leftOut } from './cases.ts'
import { jobId, queueNames } from './fill.ts'
import { type Scene, scenes, type Store, stores } from './stores.ts'

const fillingMs = 600_000

/**
 * SQLite: pages that a batch over `max` jobs may read, with an empty cache: the way down each tree, and of each job
 * its leaf in three of them. Fewer than the smallest tree has, so that no walk of one stays below it.
 */
const pagesFor = (max: number) => 25 + 3 * max

describe.each(Object.keys(stores) as Dialect['name'][])('%s', (dialect) => {
  describe.each(scenes)('jobs $shape, analyzed $analyzed', (scene) => {
    let store: Store
    beforeAll(async () => {
      store = await stores[dialect](scene)
    }, fillingMs)
    afterAll(() => store.close(), fillingMs)

    test.each(casesOf(dialect, scene))('$name reads what it was asked for, by index ranges', async (tried) => {
      const { statements } = batchOf(store.dialect, combine(tried.of(store.dialect)), jobId(0))

      const { faults, walked, visited, pages, answer, text } = await store.read(statements, tried)

      const answers = tried.answers === 'one a queue' ? queueNames[scene.shape].length : tried.answers
      expect(answer.rows.length || answer.affected).toBe(answers)
      expect(faults, text).toEqual([])
      expect(tried.walks ?? [], text).toEqual(expect.arrayContaining([...walked]))
      if (visited !== null) expect(visited, text).toBeLessThanOrEqual(tried.max * (tried.queues ?? 1))
      if (pages !== null) expect(pages, text).toBeLessThanOrEqual(pagesFor(tried.max))
    })

    test.runIf(dialect === 'sqlite')('a table is larger than what a case with a walk may read', () => {
      expect(store.smallestTree).toBeGreaterThan(pagesFor(20))
    })
  })
})

function casesOf(dialect: Dialect['name'], { shape, analyzed }: Scene) {
  const out = leftOut.filter(
    (entry) =>
      entry.dialect === dialect && (entry.shape ?? shape) === shape && (entry.analyzed ?? analyzed) === analyzed,
  )
  return cases.filter(({ name }) => !out.some((entry) => entry.cases.test(name)))
}
