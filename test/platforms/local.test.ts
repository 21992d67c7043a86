import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { defineQueue, type Logger, type SettingsOptions, task, type Task } from '../../src/index.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { migrate } from '../../src/migrate.ts'
import { type LocalActor, LocalNudges, runLocally } from '../../src/platforms/local.ts'
import { newFile } from '../support/folders.ts'
import { silent } from '../support/open-queue.ts'
import { greet } from '../support/tasks.ts'

interface Line {
  readonly level: string
  readonly message: string
  readonly times?: number
  readonly stoodMs?: number
}

/** A runner that is stopped when the test ends, and what it logs. */
async function run(
  only: readonly LocalActor[],
  { tasks = [greet], ...settings }: SettingsOptions & { tasks?: readonly Task[] } = {},
) {
  const file = newFile()
  const driver = sqlite(file)
  await migrate(driver)
  const lines: Line[] = []
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, message, ...fields })
  const logger: Logger = { debug() {}, info: at('info'), warn: at('warn'), error: at('error') }
  const jobs = defineQueue({ tasks, connect: () => ({ driver }), logger: silent, ...settings })
  const queue = jobs.open({})
  let passes = 0
  queue.on('tick.started', () => void (passes += 1))
  const stop = new AbortController()
  const options = { settings: jobs.settings, logger, nudges: new LocalNudges(), only }
  const running = runLocally(queue, { ...options, signal: stop.signal, immediate: stop.signal })
  onTestFinished(async () => {
    stop.abort()
    await running
    await driver.close()
  })
  return { file, queue, lines, passes: () => passes }
}

test.each(['work', 'prune'] as const)(
  'what %s meets again and again is logged when it begins and when it ends',
  async (actor) => {
    const { file, lines, passes } = await run([actor])
    const other = new DatabaseSync(file)
    onTestFinished(() => other.close())
    const name = actor === 'work' ? 'worker default' : actor

    other.exec('alter table steadytick_processes rename to elsewhere')
    await expect.poll(passes, { timeout: 20_000 }).toBeGreaterThan(3)
    const during = [...lines]
    other.exec('alter table elsewhere rename to steadytick_processes')
    await expect.poll(() => lines.at(-1)?.message, { timeout: 10_000 }).toBe(`${name} goes on`)

    expect(during).toMatchObject([{ level: 'error', message: `${name} failed; trying again` }])
    expect(lines).toHaveLength(2)
    expect(Number(lines.at(-1)?.times)).toBeGreaterThan(1)
  },
  40_000,
)

test('a handler that computes for longer than the heartbeat is warned of once, with the jobs in hand and the way out', async () => {
  const blockMs = 1500
  const computes = task('computes', {
    run: () => {
      for (const end = performance.now() + blockMs; performance.now() < end;);
    },
  })
  const waits = task('waits', { run: () => new Promise((resolve) => setTimeout(resolve, 100)) })
  const { queue, lines } = await run(['work'], { tasks: [computes, waits], heartbeatInterval: '400ms' })

  const enqueued = await queue.enqueueAll([waits.call(), computes.call()])
  await Promise.all(enqueued.map(({ id }) => queue.result(id)))
  await expect.poll(() => lines.length).toBe(1)

  const [line] = lines
  expect(line).toMatchObject({
    level: 'warn',
    message: expect.stringMatching(/stood still for \ds: its leases were not renewed.*worker thread/),
    jobsInHand: 2,
    jobs: [
      { id: enqueued[0]?.id, taskName: 'waits' },
      { id: enqueued[1]?.id, taskName: 'computes' },
    ],
  })
  expect(line?.stoodMs).toBeGreaterThanOrEqual(blockMs)
})
