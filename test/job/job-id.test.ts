import { expect, test } from 'vitest'
import { version as versionOf } from 'uuid'
import { childId } from '../../src/job/child-id.ts'
import { isJobId, newId } from '../../src/job/job-id.ts'

test('ids are UUIDv7 of now, each larger than the one before', () => {
  const before = Date.now()
  const ids = Array.from({ length: 10_000 }, newId)
  const after = Date.now()

  expect(new Set(ids.map(versionOf))).toEqual(new Set([7]))
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
  const instants = [ids[0], ids.at(-1)].map((id) =>
    Number.parseInt((id as string).replaceAll('-', '').slice(0, 12), 16),
  )
  expect(instants[0]).toBeGreaterThanOrEqual(before)
  expect(instants[1]).toBeLessThanOrEqual(after)
})

test('the id of a child follows from its parent and its key', async () => {
  const parent = newId()
  const id = await childId(parent, 'row 1')

  expect(isJobId(id)).toBe(true)
  expect(versionOf(id)).toBe(8)
  expect(id.slice(0, 13)).toBe(parent.slice(0, 13))
  expect(await childId(parent, 'row 1')).toBe(id)
  expect(await childId(parent, 'row 2')).not.toBe(id)
  expect(await childId(newId(), 'row 1')).not.toBe(id)
})

test('a UUID of any case is an id; nothing else is', () => {
  const id = newId()

  expect([id, id.toUpperCase()].map(isJobId)).toEqual([true, true])
  expect(['', 'x', id.slice(1), `${id}0`, `${id}\n`, id.replaceAll('-', ''), 7, null].some(isJobId)).toBe(false)
})
