/** What every contender is given to do, and how it is measured. */
import { randomBytes } from 'node:crypto'

export const clients = 4
export const producers = 10
export const batchSizes = [10, 50, 500] as const

export interface Load {
  readonly url: string
  /** A name of the round's own, for schemas. */
  readonly round: string
  /** How many no-op jobs. A quarter of them when they are enqueued one by one. */
  readonly jobs: number
  readonly payload: (index: number) => Payload
}

export interface Payload {
  readonly index: number
  readonly text: string
}

/** Jobs a second. */
export type Rates = Partial<Record<'enqueue' | 'bulk enqueue' | `perform ${(typeof batchSizes)[number]}`, number>>

export const shortPayload = (index: number): Payload => ({ index, text: 'a payload of some length, as they are' })

const noise = randomBytes(1 << 20).toString('base64')

/** 10 KB that hardly compress. */
export const longPayload = (index: number): Payload => {
  const from = (index * 7919) % (noise.length - 10_000)
  return { index, text: noise.slice(from, from + 10_000) }
}

export const payloads = ({ jobs, payload }: Load): Payload[] =>
  Array.from({ length: jobs }, (_, index) => payload(index))

export async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return Math.round(count / ((performance.now() - begun) / 1000))
}

export const inParallel = (times: number, work: (index: number) => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: times }, (_, index) => work(index)))

/** A quarter of the jobs, one by one, by all producers at once. */
export const rateOfEnqueues = ({ jobs }: Load, enqueue: (index: number) => Promise<unknown>): Promise<number> =>
  rate(jobs / 4, () =>
    inParallel(producers, async (producer) => {
      for (let index = producer; index < jobs / 4; index += producers) await enqueue(index)
    }),
  )
