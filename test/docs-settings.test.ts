import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defineQueue, task } from '../src/index.ts'

const page = readFileSync('docs/settings.md', 'utf8')

/** The options of the tables of the page, in order, each with its default as it is written. */
const [ofQueue = [], ofWorker = []] = page
  .split('A worker, `workers')
  .map((part) =>
    [...part.matchAll(/^\| `(\w+)` +\| (.*?) +\|/gm)].map(([, name, standard]): [string, string] => [
      name as string,
      standard as string,
    ]),
  )

/** The value of a default in backticks; words stand for no value. */
const valuesOf = (table: readonly [string, string][]): object =>
  Object.fromEntries(
    table.flatMap(([name, standard]) => {
      const code = /^`(.*)`$/.exec(standard)?.[1]
      if (code === undefined) return []
      return [[name, JSON.parse(code.replaceAll("'", '"').replaceAll(/(\w+):/g, '"$1":')) as unknown]]
    }),
  )

const required = { tasks: [task('any', { run: () => {} })], connect: () => ({ driver: {} as never }) }

/** The options that the error of a misspelt one names. */
const namesIn = (options: object): string[] => {
  try {
    defineQueue({ ...required, ...options })
  } catch (error) {
    return /there are (.*)/.exec((error as Error).message)?.[1]?.split(', ') ?? []
  }
  return []
}

test('the page of settings has each option of a queue, and of a worker', () => {
  expect(ofQueue.map(([name]) => name).toSorted()).toEqual(namesIn({ misspelt: 1 }).toSorted())
  expect(ofWorker.map(([name]) => name).toSorted()).toEqual(namesIn({ workers: { any: { misspelt: 1 } } }).toSorted())
})

test('each default of the page is one', () => {
  const workers = { default: valuesOf(ofWorker) }

  expect(defineQueue({ ...required, ...valuesOf(ofQueue), workers }).settings).toEqual(defineQueue(required).settings)
  expect(Object.keys(valuesOf(ofQueue)).length).toBeGreaterThan(10)
  expect(Object.keys(workers.default)).toHaveLength(4)
})
