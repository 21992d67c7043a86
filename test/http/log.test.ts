import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test, vi } from 'vitest'
import { neon } from '../../src/drivers/neon.ts'
import { api } from '../../src/http/api.ts'
import { defineQueue, task } from '../../src/index.ts'
import { configOf } from '../support/config-file.ts'
import { newFile } from '../support/folders.ts'
import { openApi } from '../support/open-api.ts'
import { silent } from '../support/open-queue.ts'
import { startSteadytick } from '../support/steadytick.ts'

/** `steadytick start` with a task whose schema throws what it was given, and what it prints. */
async function start() {
  const config = configOf(`
    task('greet', { run: () => {} }),
    task('blunt', { input: { '~standard': { version: 1, vendor: 'blunt', validate: ({ name }: any) => { throw new Error('unknown customer ' + name) } } }, run: () => {} })`)
  const started = await startSteadytick({ DATABASE_URL: `file:${newFile()}` }, ['--config', config])
  const lines: string[] = []
  for (const stream of [started.process.stdout, started.process.stderr])
    createInterface({ input: stream! }).on('line', (line) => lines.push(line))
  let stopped: Promise<unknown> | null = null
  /** All that it printed until it ended. */
  const ended = async () => {
    await (stopped ??= started.stop('SIGTERM'))
    return lines
  }
  onTestFinished(async () => void (await ended()))
  return { url: started.url, ended }
}

test('a caller writes no line of its own into the log', async () => {
  const { url, ended } = await start()
  const forged = '{"level":"info","time":"2026-01-01T00:00:00.000Z","message":"job.succeeded","id":"forged"}'
  const name = `Ada\n${forged}\n\u001b]0;title\u0007\u009b2J`

  const answer = await fetch(`${url}/api/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ task: 'blunt', payload: { name } }),
  })
  const lines = await ended()

  expect(answer.status).toBe(500)
  for (const line of lines) expect(line).toMatch(/^\{[\u0020-\u007e]+\}$/)
  const written = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(written.filter(({ id }) => id === 'forged')).toEqual([])
  expect(written.filter(({ message }) => message === 'http.failed')).toEqual([
    {
      level: 'error',
      time: expect.any(String),
      message: 'http.failed',
      method: 'POST',
      path: '/api/jobs',
      error: { name: 'Error', message: `unknown customer ${name}`, stack: expect.any(String) },
    },
  ])
})

/** A request that says more of its body than it sends, and goes away once the server has begun to answer. */
const abandon = (url: URL, headers: string, body: string) =>
  new Promise<void>((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname)
    socket.write(
      `POST /api/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n${headers}\r\n\r\n`,
    )
    socket.once('data', () => socket.write(body, () => socket.destroy()))
    socket.once('close', () => resolve())
    socket.once('error', reject)
  })

test.each([
  ['of a known length', 'content-length: 1000', '{"task":'],
  ['in chunks', 'transfer-encoding: chunked', '8\r\n{"task":\r\n'],
])('a sender who goes away amid a body %s is no error', async (_, headers, body) => {
  const { url, ended } = await start()

  for (let index = 0; index < 5; index += 1) await abandon(new URL(url), headers, body)
  const alive = await fetch(`${url}/healthz`)
  const lines = await ended()

  expect(alive.status).toBe(200)
  expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['stopped'])
})

test("an error is logged by the queue's logger, and not by the console", async () => {
  const error = vi.fn()
  const printed = vi.spyOn(console, 'error')
  onTestFinished(() => printed.mockRestore())
  const broken = task('broken', {
    input: {
      '~standard': {
        version: 1,
        vendor: 'broken',
        validate: () => {
          throw new Error('no schema')
        },
      },
    },
    run: () => {},
  })
  const { post } = await openApi({ tasks: [broken], logger: { ...silent, error } })

  const answer = await post({ task: 'broken', payload: 1 })

  expect(answer.status).toBe(500)
  expect(await answer.text()).not.toContain('no schema')
  expect(error).toHaveBeenCalledExactlyOnceWith(
    {
      method: 'POST',
      path: '/api/jobs',
      error: { name: 'Error', message: 'no schema', stack: expect.any(String) },
    },
    'http.failed',
  )
  expect(printed).not.toHaveBeenCalled()
})

test('a deployment that cannot open its queue does not tell its callers why', async () => {
  const error = vi.fn()
  const jobs = defineQueue({
    tasks: [task('greet', { run: () => {} })],
    logger: { ...silent, error },
    connect: () => ({ driver: neon('postgres://me:s3cret@') }),
  })
  const app = api(jobs, { token: null })

  const headers = { 'content-type': 'application/json' }
  const answer = await app.request('/api/jobs', { method: 'POST', headers, body: '{"task":"greet"}' })

  expect(answer.status).toBe(500)
  expect(await answer.json()).toEqual({ status: 500, code: 'INTERNAL', detail: expect.any(String) })
  expect(error).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ error: expect.objectContaining({ name: 'ConfigurationError' }) }),
    'http.failed',
  )
})

test('a logger that throws changes no answer', async () => {
  const error = () => {
    throw new Error('full disk')
  }
  const { post, driver } = await openApi({ logger: { ...silent, error } })
  await driver.close()

  expect((await post({ task: 'greet', payload: {} })).status).toBe(503)
})
