import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { defineQueue, task } from '../../src/index.ts'
import { testQueue } from '../../src/testing/index.ts'

const deliver = task('deliver', { input: z.object({ url: z.url(), at: z.coerce.date<string>() }) })
const greet = task('greet', { run: async ({ name }: { name: string; at?: Date; tags?: string[] }) => name })
const ping = task('ping', { run: () => 'pong' })
const performDeliver = deliver.perform(() => ({ status: 200 }))

interface Env {
  readonly url: string
}
const jobs = defineQueue({ tasks: [deliver, greet, ping], connect: (_: Env) => ({ driver: {} as never }) })
const inline = defineQueue({ tasks: [greet, ping], connect: (_: Env) => ({ driver: {} as never }) })

test('the performers are those that the ticks would need', () => {
  void testQueue(jobs, { perform: [performDeliver] })
  void testQueue(jobs, { perform: [performDeliver], now: new Date() })
  void testQueue(inline)
  void testQueue(inline, { now: new Date() })
  void testQueue(inline, { perform: [] })
  void testQueue(inline, { perform: [greet.perform(() => 'in a test')] })

  // @ts-expect-error "deliver" has no performer
  void testQueue(jobs)
  // @ts-expect-error "deliver" has no performer
  void testQueue(jobs, { now: new Date() })
  // @ts-expect-error "deliver" has no performer
  void testQueue(jobs, { perform: [] })
  // @ts-expect-error an option that is none
  void testQueue(inline, { clock: 0 })
})

test('payloads are those of the task, whole when read and in part when expected', async () => {
  const queue = await testQueue(inline)
  const [job] = await queue.enqueued(greet)
  expectTypeOf(job!.payload).toEqualTypeOf<{ name: string; at?: Date; tags?: string[] }>()
  expectTypeOf(job!.result).toEqualTypeOf<string | undefined>()

  void queue.expectEnqueued(greet)
  void queue.expectEnqueued(greet, {})
  void queue.expectEnqueued(greet, { at: new Date() }, { times: 2, queue: 'low' })
  void queue.expectEnqueued(ping, undefined, { times: 1 })
  void queue.expectEnqueued(deliver, { url: 'https://a.b' })
  void queue.expectNothingEnqueued(greet)

  // @ts-expect-error a key of another type
  void queue.expectEnqueued(greet, { name: 5 })
  // @ts-expect-error the text of a Date
  void queue.expectEnqueued(greet, { at: '2026-01-01' })
  // @ts-expect-error a key that is none
  void queue.expectEnqueued(greet, { nam: 'Ada' })
  // @ts-expect-error one of a list of another type
  void queue.expectEnqueued(greet, { tags: [1] })
  // @ts-expect-error an option that is none
  void queue.expectEnqueued(greet, {}, { time: 2 })
  // @ts-expect-error a duration that is none
  void queue.advance('soon')
})

test('it is a queue', async () => {
  const queue = await testQueue(jobs, { perform: [performDeliver] })
  expectTypeOf(await queue.result('', { of: performDeliver })).toEqualTypeOf<{ status: number }>()
  expectTypeOf((await queue.drain()).succeeded).toBeNumber()
})
