import { formatDuration } from './job/duration.ts'

/** The log lines of a problem. */
export interface Problem {
  readonly level: 'warn' | 'error'
  /** Logged when the problem begins, and while it goes on. */
  readonly message: string
  /** Logged when the problem ends. */
  readonly over: string
}

type Log = (level: 'info' | 'warn' | 'error', message: string, fields: object) => void

interface Episode {
  readonly since: number
  readonly fields: object
  times: number
  /** Whether it has ended, for now. */
  isOver: boolean
  /** Whether the last line says that the problem goes on. */
  isTold: boolean
  /** When the problem may be logged again. */
  nextAt: number
  intervalMs: number
}

const shortestMs = 60_000
const longestMs = 3_600_000

/**
 * A problem that may come with each pass: it is logged when it begins, again after one minute, two, four, up to each
 * hour, with the number of times it came, and when it ends. A problem that comes and goes is logged no more often.
 */
export class RecurrentProblem {
  readonly #problem: Problem
  readonly #log: Log
  readonly #now: () => number
  readonly #episodes = new Map<string, Episode>()

  /** @param now milliseconds; default: this machine's clock */
  constructor(problem: Problem, log: Log, now: () => number = Date.now) {
    this.#problem = problem
    this.#log = log
    this.#now = now
  }

  /**
   * Notes that the problem came.
   *
   * @param subject the thing that has the problem, such as the key of a recurring task; each subject is told apart
   * @param fields logged with the problem
   */
  came(subject: string, fields: object): void {
    const { level, message } = this.#problem
    const now = this.#now()
    const before = this.#episodes.get(subject)
    if (!before || (before.isOver && now >= before.nextAt)) {
      const begun = { since: now, fields, times: 1, isOver: false, isTold: true }
      this.#episodes.set(subject, { ...begun, nextAt: now + shortestMs, intervalMs: shortestMs })
      this.#log(level, message, fields)
      return
    }
    before.times += 1
    before.isOver = false
    if (now < before.nextAt) return
    before.intervalMs = Math.min(before.intervalMs * 2, longestMs)
    before.nextAt = now + before.intervalMs
    before.isTold = true
    this.#log(level, message, { ...fields, ...said(before, now) })
  }

  /** Notes that the subject no longer has the problem, if it ever had. */
  ended(subject: string): void {
    const episode = this.#episodes.get(subject)
    if (!episode || episode.isOver) return
    const now = this.#now()
    episode.isOver = true
    if (now >= episode.nextAt) this.#episodes.delete(subject)
    if (!episode.isTold) return
    episode.isTold = false
    const { error: _, ...fields } = episode.fields as { error?: unknown }
    this.#log('info', this.#problem.over, { ...fields, ...said(episode, now) })
  }

  /** Notes that no subject has the problem any longer, except these. */
  endedBut(subjects: ReadonlySet<string>): void {
    for (const subject of this.#episodes.keys()) if (!subjects.has(subject)) this.ended(subject)
  }
}

const said = ({ times, since }: Episode, now: number) => ({ times, lasted: formatDuration(now - since) })
