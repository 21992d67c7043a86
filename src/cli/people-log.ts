import type { Events, Logger } from '../events.ts'
import { formatDuration } from '../job/duration.ts'
import type { JobErrorData } from '../job/job-error.ts'
import { plain, styled } from './report.ts'

type Style = Parameters<typeof styled>[0]
type Told = { readonly [Name in keyof Events]?: (event: Events[Name]) => readonly [Style, string] }

const errorMost = 120

/** The text of each event of a job, with its style. */
const told: Told = {
  'job.enqueued': ({ state }) => ['dim', state === 'ready' ? 'enqueued' : `enqueued, ${state}`],
  'job.skipped': () => ['dim', 'skipped: its key is full'],
  'job.started': ({ attempt }) => ['cyan', attempt === 1 ? 'started' : `started, attempt ${attempt}`],
  'job.finished': ({ durationMs }) => ['green', `finished in ${took(durationMs)}`],
  'job.retried': ({ durationMs, delayMs, error }) => [
    'yellow',
    `failed after ${took(durationMs)}, runs again in ${took(delayMs)}: ${errorText(error)}`,
  ],
  'job.failed': ({ id, durationMs, error }) => [
    'red',
    `failed after ${took(durationMs)}: ${errorText(error)} (steadytick job ${id})`,
  ],
  'job.released': () => ['yellow', 'given back: this process ends'],
  'job.cancelled': ({ durationMs }) => ['yellow', `cancelled after ${took(durationMs)}`],
  'job.pruned': ({ kind }) => ['yellow', `lost by another process: ${kind}`],
  'job.stale': () => ['yellow', 'ended, but another process had its lease by then'],
}

/** Writes lines for people: of a job its time, task, short id, event, and duration. */
export const peopleLog: Logger = {
  debug(fields, message) {
    // Reports of ticks are for programs.
    if (Object.hasOwn(told, message)) print(jobLine(fields, message))
  },
  info: (fields, message) => print(line('bold', fields, message)),
  warn: (fields, message) => print(line('yellow', fields, message)),
  error: (fields, message) => print(line('red', fields, message)),
}

const print = (text: string): void => console.log(`${styled('dim', new Date().toTimeString().slice(0, 8))}  ${text}`)

const line = (style: Style, fields: object, message: string): string =>
  Object.hasOwn(told, message)
    ? jobLine(fields, message)
    : [styled(style, plain(message)), ...Object.entries(fields).map(([name, value]) => fieldText(name, value))].join(
        '  ',
      )

function jobLine(fields: object, message: string): string {
  const { task: taskName, id = '' } = fields as { task: string; id?: string }
  const [style, text] = told[message as keyof Events]?.(fields as never) ?? ['dim', message]
  // An id begins with the time, so its end tells it from others.
  return `${plain(taskName)}  ${styled('dim', id.slice(-8))}  ${styled(style, plain(text))}`
}

const fieldText = (name: string, value: unknown): string => `${styled('dim', `${name}:`)} ${valueText(value)}`

function valueText(value: unknown): string {
  if (isError(value)) return `${errorText(value)}${value instanceof Error ? '' : placeText(value.stack)}`
  return plain(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
}

const isError = (value: unknown): value is JobErrorData =>
  typeof value === 'object' && value !== null && 'name' in value && 'message' in value

const errorText = ({ name, message }: JobErrorData): string => plain(`${name}: ${message}`, errorMost)

/** The place where an error outside of every job was thrown. */
function placeText(stack: string | null): string {
  const place = /^\s+(at .*)$/m.exec(stack ?? '')?.[1]
  return place === undefined ? '' : ` (${plain(place)})`
}

const took = (ms: number): string => (ms >= 1000 && ms < 60_000 ? `${(ms / 1000).toFixed(1)}s` : formatDuration(ms))
