import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { defineQueue, type Logger } from '../../src/index.ts'
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
}

/** A runner that is stopped when the test ends, and what it logs. */
async function run(only: readonly LocalActor[], tasks = [greet]) {
  const file = newFile()
  const driver = sqlite(file)
  await migrate(driver)
  const lines: Line[] = []
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, message, ...fields })
  const logger: Logger = { debug() {}, info: at('info'), warn: at('warn'), error: at('error') }
  const jobs = defineQueue({ tasks, connect: () => ({ driver }), logger: silent })
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
