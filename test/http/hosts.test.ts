import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { configOf } from '../support/config-file.ts'
import { newFile } from '../support/folders.ts'
import { openApi } from '../support/open-api.ts'
import { startSteadytick } from '../support/steadytick.ts'
import { work } from '../../src/ticks/index.ts'

const job = { task: 'greet', payload: { name: 'Ada' } }

test.each([
  ['localhost:8787', 201],
  ['LOCALHOST', 201],
  ['127.0.0.1:8787', 201],
  ['127.1.2.3', 201],
  ['[::1]:8787', 201],
  ['[::1]', 201],
  ['evil.example', 421],
  ['evil.example:8787', 421],
  ['127.0.0.1.evil.example', 421],
  ['localhost.evil.example', 421],
  ['evil.example:127.0.0.1', 421],
  ['10.0.0.1:8787', 421],
  ['[::2]:8787', 421],
])('without a token, a request to %s is answered with %i', async (host, status) => {
  const { post, request: get, queue } = await openApi()

  const posted = await post(job, { host })
  const looked = await get('/api/jobs/0190a5f0-0000-7000-8000-000000000001', { headers: { host } })
  const health = await get('/healthz', { headers: { host } })

  expect([posted.status, looked.status, health.status]).toEqual(status === 201 ? [201, 404, 200] : [421, 421, 421])
  expect((await work(queue)).claimed).toBe(status === 201 ? 1 : 0)
})

test('other names are those that were listed', async () => {
  const { post } = await openApi({ hosts: ['Jobs.internal'] })

  expect((await post(job, { host: 'jobs.INTERNAL:80' })).status).toBe(201)
  expect((await post(job, { host: 'evil.example' })).status).toBe(421)
})

test('with a token, any name will do', async () => {
  const { post } = await openApi({ token: () => 'secret' })

  expect((await post(job, { host: 'jobs.example', authorization: 'Bearer secret' })).status).toBe(201)
})

test('a page of a stranger enqueues nothing at `steadytick start`', async () => {
  const config = configOf(`task('greet', { run: (_) => {} })`)
  const started = await startSteadytick({ DATABASE_URL: `file:${newFile()}` }, ['--config', config])
  onTestFinished(async () => void (await started.stop('SIGTERM')))
  const post = (host: string) =>
    new Promise<[number | undefined, string]>((resolve, reject) => {
      const sent = request(
        `${started.url}/api/jobs`,
        {
          method: 'POST',
          headers: { host, origin: `http://${host}`, 'content-type': 'application/json' },
        },
        (response) => {
          let text = ''
          response.on('data', (chunk) => (text += String(chunk)))
          response.on('end', () => resolve([response.statusCode, text]))
        },
      )
      sent.on('error', reject)
      sent.end(JSON.stringify(job))
    })

  const [status, text] = await post('evil.example')

  expect(status).toBe(421)
  expect(JSON.parse(text)).toMatchObject({ code: 'HOST_UNKNOWN', detail: expect.stringContaining('"evil.example"') })
  expect((await post(new URL(started.url).host))[0]).toBe(201)
})
