import { expect, test } from 'vitest'
import { sqlite } from '../../src/drivers/sqlite.ts'
import { defineQueue, task } from '../../src/index.ts'
import { configOf } from '../support/config-file.ts'
import { newFile } from '../support/folders.ts'
import { silent } from '../support/open-queue.ts'
import { steadytick } from '../support/steadytick.ts'
import { onTerminal } from '../support/terminal.ts'

const escape = String.fromCodePoint(27)

/** A database with three scheduled jobs, and as many more. */
async function open(more = 0) {
  const env = { DATABASE_URL: `file:${newFile()}` }
  const config = configOf(`task('greet', { run: () => new Promise((resolve) => setTimeout(resolve, 20)) })`)
  await steadytick(['migrate'], env)
  for (const after of ['1h', '2h', '3h'])
    await steadytick(['enqueue', 'greet', '--run-after', after, '--config', config], env)
  if (more > 0) {
    const driver = sqlite(env.DATABASE_URL.slice('file:'.length))
    const greet = task('greet')
    const queue = defineQueue({ tasks: [greet], connect: () => ({ driver }), logger: silent }).open()
    await queue.enqueueAll(greet.using({ runAfter: '1h' }), Array.from({ length: more }))
    await queue.close()
  }
  const left = async () => {
    const { stdout } = await steadytick(['jobs', '--json', '--config', config], env)
    return (JSON.parse(stdout) as { items: { state: string }[] }).items.map(({ state }) => state)
  }
  return { env, config: ['--config', config], left }
}

test('a move that cannot be taken back is asked about, with what it will touch', async () => {
  const { env, config, left } = await open()
  const discard = ['discard', '--state', 'scheduled', '--all', ...config]
  const to = /Discard 3 scheduled jobs\? It cannot be taken back\. \[y\/N\] /

  const declined = await onTerminal(discard, { env, answers: [{ to, type: '\r' }] })
  const interrupted = await onTerminal(discard, { env, answers: [{ to, type: '\u0003' }] })
  const ended = await onTerminal(discard, { env, answers: [{ to, type: '\u0004' }] })
  const before = await left()
  const confirmed = await onTerminal(discard, { env, answers: [{ to, type: 'yes\r' }] })

  expect([declined, interrupted, ended].map(({ code, screen }) => [code, /Nothing was done\./.test(screen)])).toEqual([
    [1, true],
    [1, true],
    [1, true],
  ])
  expect(before).toEqual(['scheduled', 'scheduled', 'scheduled'])
  expect([confirmed.code, confirmed.screen]).toEqual([0, expect.stringMatching(/3 jobs discarded\./)])
  expect(await left()).toEqual([])
})

test('long work shows a bar, and its end', async () => {
  const { env, config } = await open()

  const moved = await onTerminal(['run-now', '--all', ...config], { env })
  const drained = await onTerminal(['drain', ...config], { env })

  expect([moved.code, moved.screen]).toEqual([
    0,
    expect.stringMatching(/Making ready █+ 3 of 3, 0s left[^]*3 jobs made ready\./),
  ])
  expect([drained.code, drained.screen]).toEqual([0, expect.stringMatching(/Performing █+ 3 of 3[^]*3 jobs succeeded/)])
})

test('Ctrl-C stops a bulk move between two batches, and says what was done', async () => {
  const { env, config } = await open(20_000)

  const stopped = await onTerminal(['run-now', '--all', ...config], {
    env,
    answers: [{ to: /[1-9]\d* of 20003/, type: '\u0003' }],
  })

  const moved = Number(/Stopped: ([\d,]+) jobs made ready\./.exec(stopped.screen)?.[1]?.replaceAll(',', ''))
  expect(stopped.code).toBe(1)
  expect(moved).toBeGreaterThan(0)
  expect(moved).toBeLessThan(20_003)
})

test('colours are for terminals that show them', async () => {
  const { env, config } = await open()

  const coloured = await onTerminal(['jobs', ...config], { env })
  const plain = await onTerminal(['jobs', ...config], { env: { ...env, NO_COLOR: '1' } })
  const piped = await steadytick(['jobs', ...config], env)

  expect(coloured.screen).toContain(`${escape}[34mscheduled${escape}[39m`)
  expect(plain.screen).toContain('scheduled')
  expect(plain.screen.replace(/^pid.*$/m, '')).not.toContain(escape)
  expect(piped.stdout).not.toContain(escape)
})

const shownByStart = `
  task('greet', { run: () => new Promise((resolve) => setTimeout(resolve, 20)) }),
  task('again', { maxAttempts: 2, backoff: () => 60_000, run: () => { throw new Error('not yet') } }),
  task('fail', { run: () => { throw new FinalError('\\u001b]0;pwned\\u0007broken\\u202e') } })`

/** A database with a job of each task. */
async function openForStart() {
  const env = { DATABASE_URL: `file:${newFile()}` }
  const config = configOf(shownByStart)
  await steadytick(['migrate'], env)
  const ids: string[] = []
  for (const name of ['greet', 'again', 'fail']) {
    const { stdout } = await steadytick(['enqueue', name, '--json', '--config', config], env)
    ids.push((JSON.parse(stdout) as { id: string }).id)
  }
  return { env, args: ['start', '--port', '0', '--config', config], ids }
}

const allEnded = /(?=[^]*greet[^\n]*finished)(?=[^]*again[^\n]*runs again)(?=[^]*fail[^\n]*steadytick job)/

test('on a terminal, `start` shows what becomes of each job, in lines for people', async () => {
  const { env, args, ids } = await openForStart()
  const short = ids.map((id) => id.slice(-8))

  const coloured = await onTerminal(args, { env, answers: [{ to: allEnded, type: '\u0003' }] })

  const plainLines = coloured.screen.replaceAll(new RegExp(`${escape}\\[\\d+m`, 'g'), '')
  expect(coloured.code).toBe(0)
  expect(coloured.screen).toContain(`${escape}[32mfinished in`)
  expect(plainLines).toMatch(/^\d\d:\d\d:\d\d {2}started {2}url: http:\/\/127\.0\.0\.1:\d+ {2}database: SQLite /m)
  expect(plainLines).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d {2}greet {2}${short[0]} {2}started\\r?$`, 'm'))
  expect(plainLines).toMatch(new RegExp(`greet {2}${short[0]} {2}finished in \\d+ms\\r?$`, 'm'))
  expect(plainLines).toMatch(
    new RegExp(`again {2}${short[1]} {2}failed after \\d+ms, runs again in 1m: Error: not yet\\r?$`, 'm'),
  )
  expect(plainLines).toMatch(
    new RegExp(
      `fail {2}${short[2]} {2}failed after \\d+ms: FinalError: broken \\(steadytick job ${ids[2]}\\)\\r?$`,
      'm',
    ),
  )
  expect(plainLines).not.toContain('{"level"')
})

test('`start` has no colours where there should be none, and JSON lines where they are asked for', async () => {
  const { env, args } = await openForStart()
  const other = await openForStart()

  const plainLines = await onTerminal(args, {
    env: { ...env, NO_COLOR: '1' },
    answers: [{ to: allEnded, type: '\u0003' }],
  })
  const json = await onTerminal([...other.args, '--log', 'json'], {
    env: other.env,
    answers: [{ to: /"job\.failed"/, type: '\u0003' }],
  })

  expect(plainLines.screen.replace(/^pid.*$/m, '')).not.toContain(escape)
  expect(json.screen).toMatch(/^\{"level":"info","time":"[^"]+","message":"started"/m)
  expect(json.screen).toMatch(/^\{"level":"error","time":"[^"]+","message":"job\.failed"/m)
})

test('a logger of the definition is left as it is', async () => {
  const env = { DATABASE_URL: `file:${newFile()}` }
  const logger = `{ debug() {}, info() {}, warn() {}, error: (_, message) => console.log('own ' + message) }`
  const config = configOf(shownByStart, { queue: `logger: ${logger}` })
  await steadytick(['migrate'], env)
  await steadytick(['enqueue', 'fail', '--config', config], env)

  const { screen } = await onTerminal(['start', '--port', '0', '--config', config], {
    env,
    answers: [{ to: /own job\.failed/, type: '\u0003' }],
  })

  expect(screen).not.toContain('failed after')
})
