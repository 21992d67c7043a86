import { readdirSync, readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { postgres } from '../../src/dialects/postgres/index.ts'

const folder = new URL('../../src/transitions/', import.meta.url)
const files = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''))

/** The signature of an exported function that makes transitions for a dialect. */
const signature = /^export (?:const|function) (\w+)(?: = )?\(\s*dialect: Dialect(?:(?!\n\n)[^])*?\): Transition</gm

const exported = files.flatMap((file) =>
  [...readFileSync(new URL(`${file}.ts`, folder), 'utf8').matchAll(signature)].map(([, name = '']) => ({ file, name })),
)

// test/sql shows the statements of the same cases.
test('every transition that is exported is made by a case', async () => {
  for (const file of files) vi.doMock(`../../src/transitions/${file}.ts`, { spy: true })
  const { cases } = await import('./cases.ts')
  for (const { of } of cases) of(postgres())

  const missing: string[] = []
  for (const { file, name } of exported) {
    const module = (await import(`../../src/transitions/${file}.ts`)) as Record<string, () => unknown>
    if (vi.mocked(module[name] as () => unknown).mock.calls.length === 0) missing.push(name)
  }

  expect(exported.length).toBeGreaterThan(50)
  expect(missing).toEqual([])
})
