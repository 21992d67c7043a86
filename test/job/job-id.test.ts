import { expect, test } from 'vitest'
import { version as versionOf } from 'uuid'
import { childId } from '../../src/job/child-id.ts'
import { idOf, task } from '../../src/index.ts'
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

test.each([
  ['order-17', '4de12c9a-2e1c-50a8-88ce-46b687c96335'],
  ['naïve 🦜', '4fb50239-ec9c-5ce1-a6ce-9da9256197fc'],
])('the id of the key "%s" is the UUIDv5 that other programs make of it', (key, id) => {
  // python3 -c "import uuid; print(uuid.uuid5(uuid.UUID('16fbbe9e-443a-5acc-883d-e58edf71f25c'), 'order-17'))"
  expect(idOf(key)).toBe(id)
  expect(task('t').using({ id: idOf(key) })['~'].set.id).toBe(id)
})

test.each(['', '\ud83e', 17, null])('%j is no key of an id', (key) => {
  expect(() => idOf(key as string)).toThrow(/idOf\(\) cannot be used:\n- key: .*; use a text that is not empty/)
})

test('a UUID of any case is an id; nothing else is', () => {
  const id = newId()

  expect([id, id.toUpperCase()].map(isJobId)).toEqual([true, true])
  expect(['', 'x', id.slice(1), `${id}0`, `${id}\n`, id.replaceAll('-', ''), 7, null].some(isJobId)).toBe(false)
})
