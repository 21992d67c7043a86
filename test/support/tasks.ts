import { FinalError, fixed, task } from '../../src/index.ts'

export const greet = task('greet', {
  run: ({ name }: { name: string }) => ({ greeting: `Hello, ${name}`, at: new Date(0) }),
})

/** Fails the first time. */
export const flaky = task('flaky', {
  maxAttempts: 2,
  backoff: fixed('1m'),
  run: (_: unknown, { attempt }) => {
    if (attempt === 1) throw new Error('not yet')
    return attempt
  },
})

export const hopeless = task('hopeless', {
  maxAttempts: 5,
  run: () => {
    throw new FinalError('never')
  },
})

/** Does not run again by itself, once its invocation was lost. */
export const careful = task('careful', { maxAttempts: 5, onLost: 'fail', run: (_: unknown) => {} })

/** Ends only when it is told to. */
export const endless = task('endless', {
  maxAttempts: 2,
  run: (_: unknown, { signal }) =>
    new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    }),
})

/** Ends never, whatever it is told. */
export const deaf = task('deaf', { run: () => new Promise<void>(() => {}) })

/** Ends at the test's word. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>()
  readonly task = task('gated', { maxAttempts: 2, run: () => this.#opened.promise })

  open(): void {
    this.#opened.resolve()
  }
}
