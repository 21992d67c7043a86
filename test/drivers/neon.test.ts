import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { neon as connect, types } from '@neondatabase/serverless'
import { expect, inject, onTestFinished, test } from 'vitest'
import { neon } from '../../src/drivers/neon.ts'
import { ConfigurationError } from '../../src/index.ts'
import { startNeonGateway } from '../support/neon-gateway.ts'
import { rowsOf } from '../support/tables.ts'
import { failureOf, postgresDriver } from './postgres.ts'

postgresDriver({ url: () => inject('neonUrl'), connect: neon, types })

test('a query function of the caller is taken as it is', async () => {
  const driver = neon(connect(inject('neonUrl')))

  expect(await rowsOf(driver, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a server that does not listen is unreachable', async () => {
  const gateway = await startNeonGateway(inject('postgresUrl'))
  await gateway.close()

  expect(await failureOf(neon(gateway.url), 'select 1')).toBe('unreachable')
})

test('a wrong password is refused', async () => {
  const url = new URL(inject('neonUrl'))
  url.password = 'wrong'

  expect(await failureOf(neon(url.href), 'select 1')).toBe('other')
})

test('a request that is too large is refused', async () => {
  const driver = neon(inject('neonUrl'))
  const text = 'x'.repeat(11 * 1024 * 1024)

  await expect(driver.batch([{ sql: 'select $1::text', parameters: [text] }])).rejects.toMatchObject({
    failure: 'other',
  })
})

test.each([
  [401, 'other'],
  [408, 'unknown'],
  [429, 'retryable'],
  [500, 'unknown'],
  [503, 'unknown'],
])('an answer with status %s is told apart', async (status, failure) => {
  const server = createServer((_, response) => void response.writeHead(status).end('no'))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo

  expect(await failureOf(neon(`postgres://user:secret@127.0.0.1:${port}/none`), 'select 1')).toBe(failure)
})

test('whether a request was done is unknown when its answer is lost, and when it never arrived', async () => {
  const gateway = await startNeonGateway(inject('postgresUrl'))
  onTestFinished(() => gateway.close())
  const driver = neon(gateway.url)

  for (const fault of ['request lost', 'answer lost', 'done late'] as const) {
    gateway.breakWith(() => fault)
    expect(await failureOf(driver, 'select 1')).toBe('unknown')
  }
})

test.each([
  ['nonsense'],
  ['mysql://user:secret@host/database'],
  ['postgres://user:secret#hash@host/database'],
  ['postgres://user:secret@host'],
  ['postgres://host/database'],
])('%s is no connection string, and the error does not repeat it', (url) => {
  const open = () => neon(url)

  expect(open).toThrow(ConfigurationError)
  expect(open).not.toThrow(/secret/)
})
