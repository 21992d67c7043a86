import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { defineQueue, type Logger, type SettingsOptions, task, type Task } from '../../src/index.ts'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { migrate } from '../../src/migrate.ts'
import { type Actor, run } from '../../src/ticks/index.ts'
import { newFile, newFolder } from '../support/folders.ts'
import { manage } from '../../src/manage/index.ts'
import { greet } from '../support/tasks.ts'

interface Line {
  readonly level: string
  readonly message: string
  readonly times?: number
  readonly stoodMs?: number
}

/** Runs actors until the test ends. Gives the queue, and what it logs. */
async function running(
  only: readonly Actor[],
  { tasks = [greet], ...settings }: SettingsOptions & { tasks?: readonly Task[] } = {},
) {
  const file = newFile()
  const driver = sqlite(file)
  await migrate(driver)
  const lines: Line[] = []
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, message, ...fields })
  const logger: Logger = { debug() {}, info: at('info'), warn: at('warn'), error: at('error') }
  const queue = defineQueue({ tasks, connect: () => ({ driver }), logger, ...settings }).open()
  let passes = 0
  queue.on('tick.started', () => void (passes += 1))
  const stop = new AbortController()
  const ended = run(queue, { only, signal: stop.signal, immediate: stop.signal })
  onTestFinished(async () => {
    stop.abort()
    await ended
    await driver.close()
  })
  return { file, queue, lines, passes: () => passes }
}

test.each(['work', 'prune'] as const)(
  'what %s meets again and again is logged when it begins and when it ends',
  async (actor) => {
    const { file, lines, passes } = await running([actor])
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
  const waits = task('waits', { run: () => setTimeout(100) })
  const { queue, lines } = await running(['work'], { tasks: [computes, waits], heartbeatInterval: '400ms' })

  const enqueued = await queue.enqueueAll([waits.call(), computes.call()])
  await Promise.all(enqueued.map(({ id }) => queue.result(id)))
  await expect.poll(() => lines.length).toBe(1)

  const [line] = lines
  expect(line).toMatchObject({
    level: 'warn',
    message: expect.stringMatching(/stood still for \ds: its leases were not renewed.*worker thread/),
    jobsInHand: 2,
    jobs: [
      { id: enqueued[0]?.id, task: 'waits' },
      { id: enqueued[1]?.id, task: 'computes' },
    ],
  })
  expect(line?.stoodMs).toBeGreaterThanOrEqual(blockMs)
})

test('what its own queue enqueues is performed at once, however seldom the worker looks', async () => {
  const { queue } = await running(['work'], { workers: { default: { pollInterval: '1h' } } })
  // The worker looks once when it begins.
  await setTimeout(300)

  const { id } = await queue.enqueue(greet, { name: 'Ada' })

  await expect(queue.result(id, { timeout: '5s' })).resolves.toBeDefined()
})

test('what it dispatches nudges the platform, whose ticks may perform it', async () => {
  const { queue } = await running(['dispatch'])
  const nudge = vi.spyOn(queue['~core'].nudges, 'later')

  await queue.enqueue(greet, { name: 'Ada' }, { runAfter: '1s' })

  expect(nudge).not.toHaveBeenCalled()
  await expect.poll(() => nudge.mock.calls.length, { timeout: 10_000 }).toBe(1)
})

test('tables that are missing end it at the beginning', async () => {
  const queue = defineQueue({ tasks: [greet], connect: () => ({ driver: sqlite(newFile()) }) }).open()
  onTestFinished(() => queue.close())

  const starting = run(queue, { signal: new AbortController().signal })

  await expect(starting).rejects.toThrow(/steadytick migrate/)
})

test('a process of its own performs what is due and what recurs, and TERM lets the job in hand end', async () => {
  const file = newFile()
  const folder = newFolder()
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(folder, 'worker.ts'),
    `import { defineQueue, task } from '${resolve('src/index.ts')}'
     import { sqlite } from '${resolve('src/drivers/sqlite.ts')}'
     import { migrate } from '${resolve('src/migrate.ts')}'
     import { run } from '${resolve('src/ticks/index.ts')}'
     import { manage } from '${resolve('src/manage/index.ts')}'
     const driver = sqlite('${file}')
     await migrate(driver)
     const slow = task('slow', {
       run: async () => {
         console.log('slow begins')
         await new Promise((resolve) => setTimeout(resolve, 1500))
         return 'slow ended'
       },
     })
     const recurs = task('recurs', { run: () => void console.log('recurs') })
     const queue = defineQueue({ tasks: [slow, recurs], connect: () => ({ driver }) }).open()
     const stop = new AbortController()
     process.once('SIGTERM', () => stop.abort())
     const { recurring } = manage(queue)
     await recurring.create('often', { task: recurs, schedule: '* * * * *' })
     await queue.enqueue(slow, undefined, { runAfter: '1s' })
     await recurring.runNow('often')
     await run(queue, { signal: stop.signal })
     await queue.close()
     console.log('closed')`,
  )
  const child = spawn(process.execPath, ['worker.ts'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  child.stdout.on('data', (chunk) => (printed += String(chunk)))
  await expect.poll(() => printed, { timeout: 20_000 }).toMatch(/recurs\n(.*\n)*slow begins/)

  child.kill('SIGTERM')
  const [code] = (await once(child, 'exit')) as [number]

  expect([code, printed]).toEqual([0, expect.stringMatching(/closed\n$/)])
  const slow = task('slow')
  const queue = defineQueue({ tasks: [slow], connect: () => ({ driver: sqlite(file) }) }).open()
  onTestFinished(() => queue.close())
  const jobs = []
  for await (const job of manage(queue).jobs.list({ state: 'finished', task: 'slow' })) jobs.push(job)
  expect(jobs).toMatchObject([{ attempts: 1 }])
})

test('an actor that is none, and no signal, are refused before anything runs', async () => {
  const queue = defineQueue({ tasks: [greet], connect: () => ({ driver: sqlite(':memory:') }) }).open()
  await migrate(queue.driver)
  const begun = vi.fn()
  queue.on('tick.started', begun)

  await expect(run(queue, { signal: 5 as never, only: ['dispatch', 'worker' as never] })).rejects.toThrow(
    /signal: use an AbortSignal[^]*only: "worker" is no actor; there are dispatch, work, schedule, prune, maintain/,
  )
  await expect(run(queue, undefined as never)).rejects.toThrow('signal: use an AbortSignal')

  expect(begun).not.toHaveBeenCalled()
  await queue.close()
})
