import { expect, test } from 'vitest'
import type { OpenDatabase } from '../../support/databases.ts'
import { hourly, hourMs, minuteMs, open, report, statesOf } from './open.ts'
import { manage } from '../../../src/manage/index.ts'
import { schedule, tick } from '../../../src/ticks/index.ts'

/** Recurring tasks that no deployment has any more. */
export function removal(database: OpenDatabase): void {
  test('a task that no deployment has is removed after an hour, its occurrences stay, and it can come back', async () => {
    const { deploy, wait } = await open(database)
    const old = deploy({ kept: hourly, dropped: hourly })
    await schedule(old)
    wait(hourMs)
    await schedule(old)
    const young = deploy({ kept: hourly })
    const states: Record<string, string>[] = []
    const reports: number[] = []
    for (let turn = 0; turn < 7; turn += 1) {
      wait(11 * minuteMs)
      reports.push((await schedule(young)).enqueued)
      states.push(await statesOf(young))
    }
    const occurrences = await manage(young).recurring.occurrences('dropped')
    const removed = await manage(young).recurring.find('dropped')
    await schedule(old)
    const back = await statesOf(old)

    expect(reports.reduce((sum, count) => sum + count, 0)).toBe(1)
    expect(states.map(({ dropped }) => dropped)).toEqual([
      ...Array.from({ length: 5 }, () => '2026-01-01T02:00'),
      '2026-01-01T02:00',
      'removed',
    ])
    expect(removed).toMatchObject({ static: true, enabled: true, removedAt: expect.any(Date), nextRunAt: null })
    expect(states.at(-1)?.['kept']).toBe('2026-01-01T03:00')
    expect(occurrences.map(({ runAt }) => runAt)).toEqual([new Date('2026-01-01T01:00Z')])
    expect(back).toEqual({ dropped: '2026-01-01T03:00', kept: '2026-01-01T03:00' })
  })

  test('the last recurring task of a definition is removed, too, and can be deleted then', async () => {
    const { deploy, wait } = await open(database)
    await schedule(deploy({ dropped: hourly }))
    const young = deploy({})
    for (let turn = 0; turn < 8; turn += 1) {
      wait(11 * minuteMs)
      await tick(young)
    }

    expect(await statesOf(young)).toEqual({ dropped: 'removed' })
    await expect(manage(young).recurring.edit('dropped', { priority: 1 })).rejects.toThrow(
      'none has it any more. Delete it',
    )
    await expect(manage(young).recurring.create('dropped', { task: report, schedule: '@daily' })).rejects.toThrow(
      'delete it first',
    )
    expect(await manage(young).recurring.delete('dropped')).toBe(true)
    expect((await manage(young).recurring.list()).items).toEqual([])
  })

  test('a deployment that is there all the time keeps what it has, whoever else comes', async () => {
    const { deploy, wait } = await open(database)
    const one = deploy({ one: hourly })
    const other = deploy({ other: hourly })
    const seen: string[] = []
    for (let turn = 0; turn < 20; turn += 1) {
      await Promise.all([schedule(one), schedule(other)])
      seen.push(...Object.values(await statesOf(one)))
      wait(11 * minuteMs)
    }

    expect(seen).not.toContain('removed')
    expect((await manage(one).recurring.occurrences('one')).length).toBe(3)
    expect((await manage(one).recurring.occurrences('other')).length).toBe(3)
  })

  test('a task is removed by nobody during an outage, and what it missed is caught up on', async () => {
    const { deploy, wait } = await open(database)
    const one = deploy({ one: { ...hourly, catchUp: 'all' } })
    const other = deploy({ other: hourly })
    for (let turn = 0; turn < 8; turn += 1) {
      await Promise.all([schedule(one), schedule(other)])
      wait(10 * minuteMs)
    }
    const before = (await manage(one).recurring.occurrences('one')).length
    wait(5 * hourMs)
    await schedule(other)
    await schedule(one)

    expect((await manage(one).recurring.occurrences('one')).length - before).toBe(5)
  })

  test('a deployment whose ticks are rare catches up on what came while its tasks counted as removed', async () => {
    const { deploy, wait } = await open(database)
    const often = deploy({ other: hourly })
    const rare = deploy({ one: { ...hourly, catchUp: 'all' } })
    await schedule(rare)
    const states: (string | undefined)[] = []
    for (let turn = 1; turn <= 36; turn += 1) {
      wait(10 * minuteMs)
      await schedule(often)
      states.push((await statesOf(often))['one'])
      if (turn % 18 === 0) await schedule(rare)
    }

    expect(states.filter((state) => state === 'removed').length).toBeGreaterThan(10)
    expect((await manage(rare).recurring.occurrences('one')).length).toBe(6)
    expect((await statesOf(rare))['one']).toBe('2026-01-01T07:00')
  })

  test('a task that comes back after more than a week begins anew', async () => {
    const { deploy, wait } = await open(database)
    const old = deploy({ one: { ...hourly, catchUp: 'all' } })
    const young = deploy({ other: hourly })
    await schedule(old)
    for (let turn = 0; turn < 15; turn += 1) {
      wait(10 * minuteMs)
      await schedule(young)
    }
    wait(7 * 24 * hourMs)
    const { enqueued } = await schedule(old)
    const after = await schedule(old)

    expect([enqueued, after.enqueued]).toEqual([0, 0])
    expect((await statesOf(old))['one']).toBe('2026-01-08T03:00')
  })

  test('a task is removed by ticks that come once an hour, too', async () => {
    const { deploy, wait } = await open(database)
    await schedule(deploy({ dropped: hourly }))
    const young = deploy({ kept: hourly })
    for (let turn = 0; turn < 4; turn += 1) {
      await schedule(young)
      wait(hourMs)
    }

    expect((await statesOf(young))['dropped']).toBe('removed')
  })
}
