import { expect, onTestFinished, test } from 'vitest'
import { newFile } from '../support/folders.ts'
import { listen } from '../support/listen.ts'
import { startSteadytick } from '../support/steadytick.ts'

test('receivers that do not answer hold no import', async () => {
  let requests = 0
  const port = await listen(() => (requests += 1))
  const started = await startSteadytick({ DATABASE_URL: `file:${newFile()}` })
  onTestFinished(async () => void (await started.stop('SIGKILL')))
  const post = (body: unknown) =>
    fetch(`${started.url}/api/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  await post(
    Array.from({ length: 40 }, (_, payload) => ({
      task: 'deliver-webhook',
      payload: { url: `http://127.0.0.1:${port}/`, payload },
    })),
  )
  // As many as the worker has slots: now each of them waits for the timeout, 30 s.
  await expect.poll(() => requests).toBe(20)

  const posted = await post({ task: 'import-contacts', payload: { csv: 'email', webhook: 'http://127.0.0.1:9/' } })
  const { id } = await posted.json<{ id: string }>()

  const find = async () => (await fetch(`${started.url}/api/jobs/${id}`)).json()
  await expect.poll(find, { timeout: 10_000 }).toMatchObject({ state: 'finished', result: { imported: 0 } })
})
