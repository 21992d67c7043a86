import { expect, test } from 'vitest'
import { z } from 'zod'
import { PayloadError } from '../../src/index.ts'
import { parseBySchema } from '../../src/job/schema.ts'

test('without a schema a value is what it is; with one, what the schema makes of it', async () => {
  const value = { at: '2026-01-01' }

  expect(await parseBySchema(null, value)).toBe(value)
  expect(await parseBySchema(z.object({ at: z.coerce.date() }), value)).toEqual({ at: new Date('2026-01-01') })
})

test('each field that is wrong is named with its place', async () => {
  const schema = z.object({ items: z.array(z.object({ body: z.string() })), to: z.email() })

  const error = await parseBySchema(schema, { items: [{ body: 'a' }, { body: 5 }], to: 'x' }, '[3].payload').catch(
    (thrown: unknown) => thrown,
  )

  expect(error).toBeInstanceOf(PayloadError)
  expect((error as PayloadError).issues.map(({ path }) => path)).toEqual([
    '[3].payload.items[1].body',
    '[3].payload.to',
  ])
})

test('a schema that takes its time is waited for', async () => {
  const schema = z.string().refine(async (text) => text === 'yes', 'say yes')

  expect(await parseBySchema(schema, 'yes')).toBe('yes')
  await expect(parseBySchema(schema, 'no')).rejects.toThrow('payload: say yes')
})
