import { ProcessCrashedError } from '../job/performing-errors.ts'
import { startTimer } from '../job/timer.ts'
import { remainingMs, type PassOptions } from './pass.ts'

/** The two steps of stopping: claim no more and tell the handlers, then release the jobs that have not ended. */
interface Stoppable {
  close(by: 'deadline' | 'signal' | ProcessCrashedError): void
  releaseAll(): void
}

/** The settlement and release before the deadline need some of the grace. */
const releaseReserveMs = 1000

/**
 * Closes at the deadline's grace or when told to; releases jobs that have not ended by its end. Returns a function that
 * stops watching.
 */
export function watch(options: PassOptions, graceMs: number, { close, releaseAll }: Stoppable): () => void {
  const stops: (() => void)[] = []
  const later = (ms: number, act: () => void) => void stops.push(startTimer(ms, act))
  const when = (aborted: AbortSignal | undefined, act: () => void) => {
    if (!aborted) return
    if (aborted.aborted) act()
    aborted.addEventListener('abort', act)
    stops.push(() => aborted.removeEventListener('abort', act))
  }
  const remaining = remainingMs(options)
  if (Number.isFinite(remaining)) {
    // A short deadline leaves half of it to the handlers.
    const grace = Math.min(graceMs, remaining / 2)
    later(remaining - grace, () => close('deadline'))
    later(remaining - Math.min(releaseReserveMs, grace / 2), releaseAll)
  }
  const bySignal = () => {
    const reason: unknown = options.signal?.reason
    return reason instanceof ProcessCrashedError ? reason : 'signal'
  }
  when(options.signal, () => {
    close(bySignal())
    later(graceMs, releaseAll)
  })
  when(options.immediate, () => {
    close(bySignal())
    releaseAll()
  })
  return () => {
    for (const stop of stops) stop()
  }
}
