import { expect, test } from 'vitest'
import type { NewJob } from '../../src/dialects/moves.ts'
import type { CatchUp, Queue } from '../../src/index.ts'
import { newId } from '../../src/job/job-id.ts'
import { listRecurring } from '../../src/transitions/list-recurring.ts'
import { advance as goOn, recordOccurrences } from '../../src/transitions/occur.ts'
import { runner } from '../../src/transitions/run.ts'
import { clockOf } from '../support/clock.ts'
import { faultsOf } from '../support/invariants.ts'
import { inMs, rowsOf, table } from '../support/tables.ts'
import { type Connect, openDrivers } from './racers.ts'
import { report, reportingOn } from './reporting.ts'
import { combine } from '../../src/transitions/transition.ts'
import { manage } from '../../src/manage/index.ts'
import { schedule as runSchedule } from '../../src/ticks/index.ts'

const minuteMs = 60_000

/** From the last tick before it to the first one after it, in minutes of the day. */
const outage = { from: 9 * 60, to: 12 * 60 + 5 }

/** Whether a time that a clock shows is one of a schedule. */
type Matches = (minute: number, hour: number) => boolean

const schedules: readonly (readonly [schedule: string, timeZone: string, matches: Matches])[] = [
  ['*/5 * * * *', 'UTC', (minute) => minute % 5 === 0],
  ['*/10 * * * *', 'Europe/London', (minute) => minute % 10 === 0],
  ['*/15 * * * *', 'Asia/Kolkata', (minute) => minute % 15 === 0],
  ['17 * * * *', 'America/New_York', (minute) => minute === 17],
  ['0 */2 * * *', 'UTC', (minute, hour) => minute === 0 && hour % 2 === 0],
  ['30 5,6,16-18 * * *', 'Asia/Kolkata', (minute, hour) => minute === 30 && [5, 6, 16, 17, 18].includes(hour)],
  ['55 11 * * *', 'UTC', (minute, hour) => minute === 55 && hour === 11],
]
const catchUps: readonly CatchUp[] = ['latest', 'all', 'none']

/** Twenty of them. */
const definitions = schedules
  .flatMap(([schedule, timeZone, matches]) => catchUps.map((catchUp) => ({ schedule, timeZone, matches, catchUp })))
  .slice(0, 20)
  .map((definition, index) => ({ key: `task-${index}`, ...definition }))

type Definition = (typeof definitions)[number]

/** What is to be enqueued in a day, from what clocks show in each minute, and from when ticks come. */
function expectedOf({ timeZone, matches, catchUp }: Definition, start: number, ticks: readonly number[]): number[] {
  const clock = clockOf(timeZone)
  let last = start
  return ticks.flatMap((tick) => {
    const due: number[] = []
    for (let instant = last + minuteMs; instant <= tick; instant += minuteMs) {
      const shown = new Date(clock(instant))
      if (matches(shown.getUTCMinutes(), shown.getUTCHours())) due.push(instant)
    }
    last = tick
    if (catchUp === 'all') return due
    return due.slice(-1).filter((instant) => catchUp === 'latest' || tick - instant <= 20 * minuteMs)
  })
}

const schedulesOf = Object.fromEntries(
  definitions.map(({ key, schedule, timeZone, catchUp }) => [key, { schedule, timeZone, catchUp }]),
)

/** The races of schedule ticks, which come each `stepMinutes` of a simulated day. */
export function recurringRaces(
  connect: Connect,
  { stepMinutes = process.env['STEADYTICK_LONG'] === '1' ? 1 : 5 }: { stepMinutes?: number } = {},
): void {
  test(
    'in a day of twenty recurring tasks and ten schedule ticks at once, with an outage of three hours, each occurrence is enqueued once',
    { timeout: 600_000 },
    async () => {
      const { drivers, first, advance } = await openDrivers(connect, 10)
      const queues = drivers.map((driver) => reportingOn(driver, schedulesOf))
      const start = Date.UTC(2026, 0, 1)
      await Promise.all(queues.map((queue) => runSchedule(queue)))
      const ticks: number[] = []
      let enqueued = 0
      let now = 0
      for (let minute = stepMinutes; minute <= 24 * 60; minute += stepMinutes) {
        if (minute > outage.from && minute < outage.to) continue
        advance((minute - now) * minuteMs)
        now = minute
        ticks.push(start + minute * minuteMs)
        const reports = await Promise.all(queues.map((queue) => runSchedule(queue)))
        for (const each of reports) enqueued += each.enqueued
      }

      const recorded = await rowsOf(
        first,
        `select e.task_key, ${inMs(first, 'e.run_at')} as run_at, ${inMs(first, 'j.scheduled_at')} as scheduled_at from ${table(first, 'recurring_executions')} e
        left join ${table(first, 'jobs')} j on j.id = e.job_id order by e.task_key, e.run_at`,
      )
      const found = definitions.map(({ key }) => ({
        key,
        occurrences: recorded.filter((row) => row['task_key'] === key).map((row) => Number(row['run_at'])),
      }))
      const expected = definitions.map((definition) => ({
        key: definition.key,
        occurrences: expectedOf(definition, start, ticks),
      }))
      const [jobs] = await rowsOf(first, `select count(*) as count from ${table(first, 'jobs')}`)

      expect(found).toEqual(expected)
      expect(recorded.filter((row) => Number(row['run_at']) !== Number(row['scheduled_at']))).toEqual([])
      expect([Number(jobs?.['count']), enqueued]).toEqual([recorded.length, recorded.length])
      // The outage is felt, and each policy in its own way.
      const missed = (catchUp: CatchUp) =>
        definitions
          .filter((definition) => definition.catchUp === catchUp)
          .flatMap((definition) => expectedOf(definition, start, ticks))
          .filter((at) => at > start + outage.from * minuteMs && at <= start + outage.to * minuteMs).length
      if (outage.to % stepMinutes === 0) expect(catchUps.map(missed)).toEqual([7, 75, 5])
      expect(await faultsOf(first)).toEqual([])
    },
  )

  test('of ticks between which an occurrence comes, one is there first, and the others leave it all to it', async () => {
    const { drivers, first, advance } = await openDrivers(connect, 10)
    const dynamic = reportingOn(first, {})
    const rounds = 30
    for (let round = 0; round < rounds; round += 1)
      await manage(dynamic).recurring.create(`task-${round}`, { task: report, schedule: '* * * * *' })
    advance(10 * minuteMs)
    const { tasks } = await runner(first).run(listRecurring(first.dialect, { after: '', max: rounds }))
    for (const { key, nextRunAt } of tasks) {
      // Each has read the same, and another clock: to the one, another occurrence is the last.
      await Promise.all(
        drivers.map((driver, index) => {
          const runAt = new Date(Number(nextRunAt) + index * minuteMs)
          const to = new Date(Number(runAt) + minuteMs)
          const job = { id: newId() } as NewJob
          const advances = [{ key, from: nextRunAt as Date, to, occurrences: [{ runAt, job }] }]
          return runner(driver).run(
            combine({
              recorded: recordOccurrences(driver.dialect, advances),
              advanced: goOn(driver.dialect, advances),
            }),
          )
        }),
      )
    }

    const recorded = await rowsOf(
      first,
      `select task_key, count(*) as count from ${table(first, 'recurring_executions')} group by task_key having count(*) > 1`,
    )
    expect(recorded).toEqual([])
  })

  test('deployments that come at once do not wait for each other in a circle, and settle on one definition', async () => {
    const { drivers, first, advance } = await openDrivers(connect, 10)
    const queues = drivers.map((driver, index) =>
      reportingOn(
        driver,
        Object.fromEntries(
          (index % 2 === 0 ? ['a', 'b', 'c', 'd'] : ['d', 'c', 'b', 'a']).map((key) => [
            key,
            { schedule: `${index} * * * *` },
          ]),
        ),
      ),
    )
    await Promise.all(queues.map((queue) => runSchedule(queue)))
    const settled: Set<string>[] = []
    for (let round = 0; round < 4; round += 1) {
      advance(10 * minuteMs)
      await Promise.all(queues.map((queue) => runSchedule(queue)))
      settled.push(new Set((await manage(queues[0] as Queue).recurring.list()).items.map((each) => each.schedule)))
    }

    expect(settled[0]?.size).toBe(1)
    expect(settled).toEqual(Array.from({ length: 4 }, () => settled[0]))
    expect(await faultsOf(first)).toEqual([])
  })
}
