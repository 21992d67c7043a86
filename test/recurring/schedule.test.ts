import { type Arbitrary, assert, constant, constantFrom, integer, oneof, property, uniqueArray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSchedule, type Schedule } from '../../src/recurring/schedule.ts'
import { clockOf } from '../support/clock.ts'
import { type Issue, issueText } from '../../src/job/issue.ts'

function scheduleOf(expression: string, timeZone = 'UTC'): Schedule {
  const issues: Issue[] = []
  const schedule = readSchedule(expression, timeZone, issues)
  expect(issues).toEqual([])
  return schedule as Schedule
}

/** As many occurrences after an instant, without seconds. */
function occurrencesOf(expression: string, timeZone: string, after: string, count: number): string[] {
  const schedule = scheduleOf(expression, timeZone)
  let last = Date.parse(after)
  return Array.from({ length: count }, () => {
    last = schedule.next(last)
    return new Date(last).toISOString().replace(/:00\.000Z$/, 'Z')
  })
}

type Row = readonly [schedule: string, expected: string, why: string]

interface Shift {
  readonly timeZone: string
  readonly title: string
  /** An instant before the shift. */
  readonly after: string
  readonly rows: readonly Row[]
}

const shifts: readonly Shift[] = [
  {
    timeZone: 'America/New_York',
    title: 'forward on 2026-03-08, 02:00 EST to 03:00 EDT (07:00Z)',
    after: '2026-03-08T05:10Z',
    rows: [
      ['0 * * * *', '03-08T06:00Z 03-08T07:00Z 03-08T08:00Z', 'each hour that passes'],
      [
        '*/30 * * * *',
        '03-08T05:30Z 03-08T06:00Z 03-08T06:30Z 03-08T07:00Z 03-08T07:30Z',
        'each half hour that passes',
      ],
      ['30 2 * * *', '03-08T07:30Z 03-09T06:30Z', '02:30 does not exist: an hour later, at 03:30 EDT'],
      ['0 2 * * *', '03-08T07:00Z 03-09T06:00Z', '02:00 does not exist: at 03:00 EDT'],
      ['*/30 2 * * *', '03-08T07:00Z 03-08T07:30Z 03-09T06:00Z', 'each of them an hour later'],
      ['0 2,3 * * *', '03-08T07:00Z 03-09T06:00Z 03-09T07:00Z', '02:00 falls together with 03:00: once'],
      ['30 1 * * *', '03-08T06:30Z 03-09T05:30Z', 'before the shift'],
      ['30 3 * * *', '03-08T07:30Z 03-09T07:30Z', 'after the shift'],
      ['30 2 * * 0', '03-08T07:30Z 03-15T06:30Z', 'on the Sunday of the shift'],
    ],
  },
  {
    timeZone: 'America/New_York',
    title: 'back on 2026-11-01, 02:00 EDT to 01:00 EST (06:00Z)',
    after: '2026-11-01T04:10Z',
    rows: [
      ['0 * * * *', '11-01T05:00Z 11-01T06:00Z 11-01T07:00Z', 'of every hour: both times of 01:00'],
      ['*/30 * * * *', '11-01T04:30Z 11-01T05:00Z 11-01T05:30Z 11-01T06:00Z 11-01T06:30Z 11-01T07:00Z', 'both times'],
      ['30 1 * * *', '11-01T05:30Z 11-02T06:30Z', '01:30 comes twice: the first time'],
      ['*/30 1 * * *', '11-01T05:00Z 11-01T05:30Z 11-02T06:00Z', 'each of them the first time'],
      ['0 */2 * * *', '11-01T07:00Z 11-01T09:00Z', 'not of every hour, and none of its times comes twice'],
      ['30 0-1 * * *', '11-01T04:30Z 11-01T05:30Z 11-02T05:30Z', 'the first time'],
      ['0 2 * * *', '11-01T07:00Z 11-02T07:00Z', 'after the shift'],
    ],
  },
  {
    timeZone: 'Europe/London',
    title: 'forward on 2026-03-29, 01:00 GMT to 02:00 BST (01:00Z)',
    after: '2026-03-28T23:10Z',
    rows: [
      ['0 * * * *', '03-29T00:00Z 03-29T01:00Z 03-29T02:00Z', 'each hour that passes'],
      [
        '*/30 * * * *',
        '03-28T23:30Z 03-29T00:00Z 03-29T00:30Z 03-29T01:00Z 03-29T01:30Z',
        'each half hour that passes',
      ],
      ['30 1 * * *', '03-29T01:30Z 03-30T00:30Z', '01:30 does not exist: at 02:30 BST'],
      ['15 0 * * *', '03-29T00:15Z 03-29T23:15Z', 'before the shift'],
    ],
  },
  {
    timeZone: 'Europe/London',
    title: 'back on 2026-10-25, 02:00 BST to 01:00 GMT (01:00Z)',
    after: '2026-10-24T23:10Z',
    rows: [
      ['0 * * * *', '10-25T00:00Z 10-25T01:00Z 10-25T02:00Z', 'of every hour: both times of 01:00'],
      ['*/30 * * * *', '10-24T23:30Z 10-25T00:00Z 10-25T00:30Z 10-25T01:00Z 10-25T01:30Z 10-25T02:00Z', 'both times'],
      ['30 1 * * *', '10-25T00:30Z 10-26T01:30Z', '01:30 comes twice: the first time'],
      ['0 1 * * 0', '10-25T00:00Z 11-01T01:00Z', '01:00 comes twice: the first time'],
    ],
  },
  {
    timeZone: 'Australia/Lord_Howe',
    title: 'forward on 2026-10-04, 02:00 (+10:30) to 02:30 (+11:00) (15:30Z of the day before)',
    after: '2026-10-03T14:10Z',
    rows: [
      ['0 * * * *', '10-03T14:30Z 10-03T15:30Z 10-03T16:00Z 10-03T17:00Z', '02:00 does not exist: at 02:30'],
      ['15 * * * *', '10-03T14:45Z 10-03T15:45Z 10-03T16:15Z', '02:15 does not exist: at 02:45'],
      ['*/30 * * * *', '10-03T14:30Z 10-03T15:00Z 10-03T15:30Z 10-03T16:00Z', '02:00 falls together with 02:30: once'],
      ['15 2 * * *', '10-03T15:45Z 10-04T15:15Z', '02:15 does not exist: at 02:45, half an hour later'],
      ['0 2 * * *', '10-03T15:30Z 10-04T15:00Z', '02:00 does not exist: at 02:30'],
      ['30 2 * * *', '10-03T15:30Z 10-04T15:30Z', 'the first time that exists again'],
      ['0,30 2 * * *', '10-03T15:30Z 10-04T15:00Z 10-04T15:30Z', 'both fall together: once'],
    ],
  },
  {
    timeZone: 'Australia/Lord_Howe',
    title: 'back on 2026-04-05, 02:00 (+11:00) to 01:30 (+10:30) (15:00Z of the day before)',
    after: '2026-04-04T13:10Z',
    rows: [
      ['0 * * * *', '04-04T14:00Z 04-04T15:30Z 04-04T16:30Z', 'from 01:00 to 02:00 it takes an hour and a half'],
      ['*/30 * * * *', '04-04T13:30Z 04-04T14:00Z 04-04T14:30Z 04-04T15:00Z 04-04T15:30Z', 'both times of 01:30'],
      ['45 * * * *', '04-04T13:45Z 04-04T14:45Z 04-04T15:15Z 04-04T16:15Z', 'both times of 01:45'],
      ['45 1 * * *', '04-04T14:45Z 04-05T15:15Z', '01:45 comes twice: the first time'],
      ['0 2 * * *', '04-04T15:30Z 04-05T15:30Z', '02:00 comes once: after the shift'],
    ],
  },
  {
    timeZone: 'America/Santiago',
    title: 'forward on 2026-09-06, 00:00 (-04:00) to 01:00 (-03:00) (04:00Z)',
    after: '2026-09-06T02:10Z',
    rows: [
      ['0 * * * *', '09-06T03:00Z 09-06T04:00Z 09-06T05:00Z', 'each hour that passes'],
      [
        '*/30 * * * *',
        '09-06T02:30Z 09-06T03:00Z 09-06T03:30Z 09-06T04:00Z 09-06T04:30Z',
        'each half hour that passes',
      ],
      ['0 0 * * *', '09-06T04:00Z 09-07T03:00Z', 'midnight does not exist: at 01:00'],
      ['30 0 * * *', '09-06T04:30Z 09-07T03:30Z', '00:30 does not exist: at 01:30'],
      ['@daily', '09-06T04:00Z 09-07T03:00Z', 'an alias is what it stands for'],
      ['0 0 6 9 *', '2026-09-06T04:00Z 2027-09-06T03:00Z', 'the day of the shift has its occurrence'],
    ],
  },
  {
    timeZone: 'America/Santiago',
    title: 'back on 2026-04-05, 00:00 (-03:00) to 23:00 of the day before (-04:00) (03:00Z)',
    after: '2026-04-05T01:10Z',
    rows: [
      ['0 * * * *', '04-05T02:00Z 04-05T03:00Z 04-05T04:00Z', 'of every hour: both times of 23:00'],
      ['*/30 * * * *', '04-05T01:30Z 04-05T02:00Z 04-05T02:30Z 04-05T03:00Z 04-05T03:30Z 04-05T04:00Z', 'both times'],
      ['30 23 * * *', '04-05T02:30Z 04-06T03:30Z', '23:30 comes twice: the first time'],
      ['30 23 * * 6', '04-05T02:30Z 04-12T03:30Z', 'on the Saturday that ends twice'],
      ['0 0 * * *', '04-05T04:00Z 04-06T04:00Z', 'midnight comes once: clocks never showed it before the shift'],
    ],
  },
  {
    timeZone: 'Asia/Kolkata',
    title: 'never: +05:30',
    after: '2026-03-28T23:10Z',
    rows: [
      ['0 * * * *', '03-28T23:30Z 03-29T00:30Z 03-29T01:30Z', 'whole hours are half hours of UTC'],
      ['*/30 * * * *', '03-28T23:30Z 03-29T00:00Z 03-29T00:30Z', 'each half hour'],
      ['30 2 * * *', '03-29T21:00Z 03-30T21:00Z', 'each day at one time'],
    ],
  },
  {
    timeZone: 'UTC',
    title: 'never',
    after: '2026-10-24T23:10Z',
    rows: [
      ['0 * * * *', '10-25T00:00Z 10-25T01:00Z 10-25T02:00Z', 'each hour'],
      ['*/30 * * * *', '10-24T23:30Z 10-25T00:00Z 10-25T00:30Z', 'each half hour'],
      ['30 1 * * *', '10-25T01:30Z 10-26T01:30Z', 'each day at one time'],
    ],
  },
]

describe.each(shifts)('$timeZone, whose clocks are set $title', ({ timeZone, after, rows }) => {
  test.each(rows)('%s occurs at %s: %s', (schedule, expected) => {
    const instants = expected.split(' ').map((each) => (each.length < 17 ? `2026-${each}` : each))

    expect(occurrencesOf(schedule, timeZone, after, instants.length)).toEqual(instants)
  })
})

/** By the rule alone, minute by minute: slow, and so simple that it can be read. */
function slowly(
  [minute, hour]: readonly [readonly number[], readonly number[]],
  shown: (instant: number) => number,
  after: number,
  until: number,
): number[] {
  const matches = (local: number) =>
    minute.includes(new Date(local).getUTCMinutes()) && hour.includes(new Date(local).getUTCHours())
  const found = new Set<number>()
  const seen = new Set<number>()
  for (let instant = after - 3 * 3_600_000; instant <= until; instant += 60_000) {
    const local = shown(instant)
    // Clocks went over these: each is as much later as it is before what they show now.
    const before = shown(instant - 60_000)
    for (let missed = before + 60_000; missed < local; missed += 60_000)
      if (matches(missed)) found.add(instant + (missed - before - 60_000))
    if (matches(local) && (hour.length === 24 || !seen.has(local))) found.add(instant)
    seen.add(local)
  }
  return [...found].filter((instant) => instant > after && instant <= until).toSorted((a, b) => a - b)
}

test('whatever the schedule, and wherever it is asked, it occurs as the rule says', () => {
  const someOf = (values: number) =>
    oneof(
      constant(Array.from({ length: values }, (_, value) => value)),
      uniqueArray(integer({ min: 0, max: values - 1 }), { minLength: 1, maxLength: 4 }),
    )
  const near = constantFrom(
    ['America/New_York', '2026-03-08T07:00Z'],
    ['America/New_York', '2026-11-01T06:00Z'],
    ['Europe/London', '2026-03-29T01:00Z'],
    ['Europe/London', '2026-10-25T01:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
    ['America/Santiago', '2026-09-06T04:00Z'],
    ['America/Santiago', '2026-04-05T03:00Z'],
    ['Africa/Casablanca', '2026-02-15T02:00Z'],
    ['Antarctica/Troll', '2026-03-29T01:00Z'],
    ['Asia/Kolkata', '2026-03-29T01:00Z'],
  ) as Arbitrary<[string, string]>
  const clocks = new Map<string, (instant: number) => number>()
  assert(
    property(someOf(60), someOf(24), near, integer({ min: -400, max: 200 }), (minute, hour, [zone, shift], by) => {
      const after = Date.parse(shift) + by * 60_000
      const until = after + 5 * 3_600_000
      const schedule = scheduleOf(`${minute.join()} ${hour.join()} * * *`, zone)
      const occurrences: number[] = []
      for (let next = schedule.next(after); next <= until; next = schedule.next(next)) occurrences.push(next)

      const clock = clocks.get(zone) ?? clockOf(zone)
      clocks.set(zone, clock)
      expect(occurrences).toEqual(slowly([minute, hour], clock, after, until))
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['0 0 L * *', '2026-01-31T00:00Z 2026-02-28T00:00Z', 'the last day of the month'],
  ['0 0 * * 5L', '2026-01-30T00:00Z 2026-02-27T00:00Z', 'the last Friday of the month'],
  ['0 0 * * MON#2', '2026-01-12T00:00Z 2026-02-09T00:00Z', 'the second Monday of the month'],
  ['0 0 13 * FRI', '2026-01-02T00:00Z 2026-01-09T00:00Z 2026-01-13T00:00Z', 'both days set: either of them'],
  ['0 0 * * 7', '2026-01-04T00:00Z 2026-01-11T00:00Z', '7 is Sunday, as 0 is'],
  ['0 0 ? JAN-MAR THU', '2026-01-08T00:00Z 2026-01-15T00:00Z', 'names, and ? for any'],
  ['0 0 29 2 *', '2028-02-29T00:00Z 2032-02-29T00:00Z', 'a day of leap years'],
  [' 5\t4  * * * ', '2026-01-01T04:05Z 2026-01-02T04:05Z', 'white space is no matter'],
  ['*/60 * * * *', '2026-01-01T01:00Z 2026-01-01T02:00Z', 'a step of the whole hour means each hour'],
  ['@hourly', '2026-01-01T01:00Z 2026-01-01T02:00Z', ''],
  ['@Midnight', '2026-01-02T00:00Z 2026-01-03T00:00Z', ''],
  ['@weekly', '2026-01-04T00:00Z 2026-01-11T00:00Z', ''],
  ['@monthly', '2026-02-01T00:00Z 2026-03-01T00:00Z', ''],
  ['@yearly', '2027-01-01T00:00Z 2028-01-01T00:00Z', ''],
])('%s occurs at %s: %s', (schedule, expected) => {
  const instants = expected.split(' ')

  expect(occurrencesOf(schedule, 'UTC', '2026-01-01T00:00Z', instants.length)).toEqual(instants)
})

const problemOf = (expression: unknown, timeZone: unknown = 'UTC'): string[] => {
  const issues: Issue[] = []
  expect(readSchedule(expression, timeZone, issues)).toBeNull()
  return issues.map(issueText)
}

test.each([
  ['', 'no fields'],
  ['5', '1 field; use five'],
  ['* * * *', '4 fields; use five'],
  ['*/90 * * * *', 'the minute "*/90": a step of 90, of only 60'],
  ['0 */25 * * *', 'the hour "*/25": a step of 25, of only 24'],
  ['0 0 30 2 *', 'there is no such day in these months'],
  ['0 0 30 FEB *', 'there is no such day in these months'],
  ['60 * * * *', 'the minute "60": '],
  ['0 0 * * 1#6', '#'],
  ['22-2 * * * *', 'the minute "22-2": '],
  ['0 0 15W * *', 'the day of month "15W": '],
  ['H H * * *', 'the minute "H": "H" cannot be read'],
  ['0 5,H/9 * * *', 'the hour "5,H/9": "H/9" cannot be read'],
  ['0 9 * * 1-', 'the day of week "1-": "1-" cannot be read'],
  ['0 0 L-2 * *', 'the day of month "L-2": "L-2" cannot be read'],
  ['*/0 * * * *', 'the minute "*/0"'],
  ['@secondly', 'there is no such alias; there are @yearly'],
  ['@every 5m', 'there is no such alias'],
  ['every day', '2 fields'],
  [5, 'use a text'],
  [undefined, 'use a text'],
])('%j is refused: %s', (expression, reason) => {
  const problems = problemOf(expression)

  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(`schedule: ${JSON.stringify(expression) ?? 'missing'}`)
  expect(problems[0]).toContain(reason)
})

test('six or seven fields are refused, with what they would be without their seconds, or their year', () => {
  expect(problemOf('0 30 10 * * 1')).toEqual([
    'schedule: "0 30 10 * * 1"; six fields: some programs read the first as seconds, others the last as a year. ' +
      'Use five: without seconds "30 10 * * 1", or without a year "0 30 10 * *"',
  ])
  expect(problemOf('0 0 12 1 1 * 2027')).toEqual([
    'schedule: "0 0 12 1 1 * 2027"; seven fields: seconds first, and a year last. Use five, without them: "0 12 1 1 *"',
  ])
})

test.each([
  ['Mars/Base'],
  [''],
  ['+02:00'],
  ['UTC+2'],
  ['BST'],
  ['AST'],
  ['IST'],
  ['CST'],
  ['CEST'],
  ['local'],
  [undefined],
  [5],
])('the time zone %j is refused', (timeZone) => {
  expect(problemOf('0 0 * * *', timeZone ?? null)).toEqual([
    `timeZone: ${JSON.stringify(timeZone ?? null)} is no time zone; use a name such as "Europe/Madrid", or "UTC"`,
  ])
})

test('all that is wrong is said at once', () => {
  expect(problemOf('5', 'Mars/Base')).toHaveLength(2)
})
