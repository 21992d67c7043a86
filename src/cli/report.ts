import { styleText } from 'node:util'
import Table from 'cli-table3'
import { formatDuration } from '../job/duration.ts'
import type { Enqueued, Skipped } from '../job/enqueued.ts'
import type { JobState } from '../job/job.ts'
import { printableJson } from '../job/quote.ts'
import type { Count } from '../transitions/count-jobs.ts'
import type { ReportOptions } from './command.ts'

/** Prints for people, or, with --json, one JSON document for programs, with instants as ISO 8601 text in UTC. */
export function report({ json = false }: ReportOptions, value: object, forPeople: () => string): void {
  console.log(json ? printableJson(JSON.stringify(value, null, 2)) : forPeople())
}

type Style = Parameters<typeof styleText>[0]

/** Coloured on a terminal that shows colours, unless NO_COLOR is set. */
export const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })

const stateStyles: Record<JobState, Style> = {
  scheduled: 'blue',
  ready: 'cyan',
  blocked: 'magenta',
  claimed: 'yellow',
  finished: 'green',
  failed: 'red',
}

export const stateText = (state: JobState): string => styled(stateStyles[state], state)

/** The outcome of enqueuing a job, for people. */
export const enqueuedText = (enqueued: Enqueued | Skipped): string =>
  enqueued.id === null
    ? `skipped: its key is held by ${enqueued.heldBy.join(', ')}`
    : `${enqueued.id}  ${stateText(enqueued.state)}`

/**
 * Escape sequences that set colours, titles and links of a terminal. Each match ends before the next escape, so that it
 * takes linear time.
 */
const sequences =
  // oxlint-disable-next-line no-control-regex
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c\u009d]*(?:\u0007|\u001b\\|\u009c)/g

/** Invisible characters: marks of direction, zero-width and tag characters, and others that a font need not show. */
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]+/gu

// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f-\u009f\s]+/g

/**
 * A text on one line, without invisible characters or any that could move the cursor: messages and names are other
 * people's.
 *
 * @param most UTF-16 units at most; default: all
 */
export function plain(text: string, most = Number.POSITIVE_INFINITY): string {
  const line = text.replaceAll(sequences, '').replaceAll(invisible, '').replaceAll(controls, ' ')
  return line.length > most ? `${line.slice(0, most - 1).toWellFormed()}…` : line
}

const noLines = Object.fromEntries(
  ['top', 'bottom', 'mid', 'left', 'right'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((at) => [`${side}${at}`, '']),
  ),
)

/** Columns with their heads. Without rows, the text `none`. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return none
  const drawn = new Table({
    head: heads.map((head) => styled('dim', head)),
    chars: { ...noLines, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  drawn.push(...rows.map((row) => [...row]))
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** How long ago an instant was, or how far ahead it is. */
export function since(instant: Date | null): string {
  if (instant === null) return ''
  const ms = Date.now() - instant.getTime()
  return ms >= 0 ? `${coarse(ms)} ago` : `in ${coarse(-ms)}`
}

/** Whole seconds: people compare these durations with a clock. */
export const coarse = (ms: number): string => formatDuration(Math.max(1000, Math.round(ms / 1000) * 1000))

/** An instant, and how far away it is; null stays null. */
export const instantText = (instant: Date | null): string | null =>
  instant === null ? null : `${instant.toISOString()} (${since(instant)})`

/** Names and values, a line each; null values are left out. */
export const fields = (lines: readonly (readonly [name: string, value: string | null])[]): string =>
  lines.flatMap(([name, value]) => (value === null ? [] : [`${styled('dim', name.padEnd(11))}${value}`])).join('\n')

/** `12,345`, or `more than 10,000`. */
export const countText = ({ count, more }: Count): string => `${more ? 'more than ' : ''}${numberText(count)}`

export const numberText = (count: number): string => count.toLocaleString('en')

/** `1 job`, `2,000 jobs`. */
export const jobsText = (count: number, state = ''): string =>
  `${numberText(count)} ${state === '' ? '' : `${state} `}${count === 1 ? 'job' : 'jobs'}`
