import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Fate } from './mortal-driver.ts'
import { type NewJob, openWorld, type Step } from './world.ts'

const long = process.env['STEADYTICK_LONG'] !== undefined
const stepsAtLeast = long ? 200_000 : 10_000
/** Of up to 300 steps. */
const runs = stepsAtLeast / 80
/** What failed is shown as it is by then, even where it could be made smaller. */
const limitMs = long ? 1_800_000 : 120_000
/** Another one each time; one that failed is set to see it again. */
const seed = Number(process.env['STEADYTICK_SEED'] ?? Date.now() % 2 ** 31)

const fate: fc.Arbitrary<Fate> = fc.option(
  fc.record({
    batch: fc.nat(4),
    how: fc.constantFrom('answer lost', 'answer lost', 'dies before', 'dies after'),
  }),
  { freq: 3 },
)
const newJob: fc.Arbitrary<NewJob> = fc.record({
  key: fc.constantFrom('one', 'two', 'three', null),
  onConflict: fc.constantFrom('block', 'block', 'block', 'skip'),
  delayMs: fc.constantFrom(0, 0, 5000, 90_000),
  priority: fc.nat(2),
  ends: fc.constantFrom('succeeds', 'succeeds', 'succeeds', 'fails once', 'fails for good'),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('enqueue' as const),
      jobs: fc.array(newJob, { minLength: 1, maxLength: 8 }),
      fate,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('work' as const), fates: fc.array(fate, { minLength: 1, maxLength: 3 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('act' as const),
      actor: fc.constantFrom('dispatch', 'schedule', 'prune', 'maintain', 'tick'),
      deployment: fc.constantFrom(0, 1),
      fate,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('operate' as const),
      operation: fc.constantFrom('discard', 'cancel', 'retry', 'run now'),
      which: fc.nat(),
      fate,
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('lose' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('toggle' as const), to: fc.constantFrom('pause', 'resume', 'resume') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('switch' as const), to: fc.constantFrom('enable', 'disable'), fate }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.constantFrom(1000, 10_000, 60_000, 2_400_000) }),
  },
)

test(
  'whatever happens, each job is in one state, limits hold, nothing waits for what is free, nothing is lost, and each occurrence is enqueued once',
  async () => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 300, size: 'max' }), async (steps) => {
        const world = await openWorld()
        try {
          for (const next of steps) await world.take(next)
          await world.settle()
          taken += steps.length
        } finally {
          await world.close()
        }
      }),
      { numRuns: runs, seed, interruptAfterTimeLimit: limitMs, markInterruptAsFailure: true },
    )
    process.stdout.write(`${taken} steps simulated, with the seed ${seed}\n`)
    expect(taken).toBeGreaterThanOrEqual(stepsAtLeast)
  },
  limitMs + 30_000,
)
