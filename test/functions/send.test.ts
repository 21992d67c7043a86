import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test, vi } from 'vitest'
import { download } from '../../functions/download.ts'
import { sendByFetch } from '../../functions/send-by-fetch.ts'
import { sendByNode } from '../../functions/send-by-node.ts'
import { readInnerHosts } from '../../functions/send.ts'
import { FinalError } from '../../src/index.ts'
import { listen } from '../support/listen.ts'

const { signal } = new AbortController()
const innerHosts = readInnerHosts('127.0.0.1, Localhost')
const senders = { 'on Node': sendByNode, 'by fetch': sendByFetch }
const toAll = Object.entries(senders)
const get = { method: 'GET', headers: {}, signal } as const

/** A server that counts its requests. */
async function inside() {
  let requests = 0
  const port = await listen((_, response) => {
    requests += 1
    response.end('root-password: hunter2')
  })
  return { port, requests: () => requests }
}

const spellings = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f.1',
  '0177.0.0.1',
  '127.0.0.1.',
  '１２７.0.0.1',
  '%31%32%37.0.0.1',
  '0',
  '[::1]',
  '[::]',
  '[::127.0.0.1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[64:ff9b::127.0.0.1]',
  'localhost',
  'LOCALHOST',
]

test.each(toAll.flatMap(([where, by]) => spellings.map((host) => [where, host, by] as const)))(
  '%s, http://%s is inside, and nothing is sent to it',
  async (_, host, by) => {
    const { port, requests } = await inside()
    const sending = by({ innerHosts: readInnerHosts(undefined) })(`http://${host}:${port}/`, get)

    await expect(sending).rejects.toThrow(FinalError)
    await expect(sending).rejects.toThrow(/has no public address.* INNER_HOSTS/)
    expect(requests()).toBe(0)
  },
)

test.each(toAll)('%s, hosts inside are reached when they are allowed', async (_, by) => {
  const { port, requests } = await inside()
  const send = by({ innerHosts })

  await (await send(`http://127.0.0.1:${port}/`, get)).discard()
  await (await send(`http://localhost:${port}/`, get)).discard()

  expect(requests()).toBe(2)
})

test.each(toAll)('%s, a redirect to the inside is not followed', async (_, by) => {
  const { port, requests } = await inside()
  const outer = await listen((_request, response) =>
    response.writeHead(302, { location: `http://[::ffff:127.0.0.1]:${port}/` }).end(),
  )

  const downloading = download(`http://127.0.0.1:${outer}/`, { send: by({ innerHosts }), signal, maxBytes: 1000 })

  await expect(downloading).rejects.toThrow(FinalError)
  await expect(downloading).rejects.toThrow(/^http:\/\/\[::ffff:7f00:1\]:\d+ has no public address/)
  expect(requests()).toBe(0)
})

test('on Node, a redirect to a name whose address is inside is not followed', async () => {
  const { port, requests } = await inside()
  const outer = await listen((_, response) => response.writeHead(307, { location: `http://localhost:${port}/` }).end())
  const send = sendByNode({ innerHosts: readInnerHosts('127.0.0.1') })

  const downloading = download(`http://127.0.0.1:${outer}/`, { send, signal, maxBytes: 1000 })

  await expect(downloading).rejects.toThrow(/^http:\/\/localhost:\d+ has no public address/)
  expect(requests()).toBe(0)
})

test.each([
  ['of another protocol', 'file:///etc/passwd', /none of http or https/],
  ['with a user and a password', 'http://ada:s3cret@127.0.0.1/', /^The URL of http:\/\/127.0.0.1 has a user/],
])('a redirect to a URL %s is refused for good', async (_, location, message) => {
  const outer = await listen((_request, response) => response.writeHead(302, { location }).end())

  const downloading = download(`http://127.0.0.1:${outer}/`, { send: sendByNode({ innerHosts }), signal, maxBytes: 1 })

  await expect(downloading).rejects.toThrow(FinalError)
  await expect(downloading).rejects.toThrow(message)
})

test.each(toAll)('%s, redirects are followed, but not in circles', async (_, by) => {
  const port = await listen((request, response) => {
    if (request.url === '/end') return response.end('email')
    return response.writeHead(301, { location: request.url === '/begin' ? 'end' : request.url }).end()
  })
  const options = { send: by({ innerHosts }), signal, maxBytes: 1000 }

  const found = await download(`http://127.0.0.1:${port}/begin`, options)
  const circling = download(`http://127.0.0.1:${port}/circle`, options)

  expect(new TextDecoder().decode(found)).toBe('email')
  await expect(circling).rejects.toThrow(/redirects more than 5 times/)
})

test.each(toAll)(
  '%s, bytes are counted after they were unpacked, and no more are taken than the limit',
  async (_, by) => {
    const packed = gzipSync(Buffer.alloc(50 * 1_048_576, 'a'))
    const port = await listen((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
    )

    const downloading = download(`http://127.0.0.1:${port}/?token=s3cret`, {
      send: by({ innerHosts }),
      signal,
      maxBytes: 1_000_000,
    })

    await expect(downloading).rejects.toThrow(FinalError)
    await expect(downloading).rejects.toThrow(
      new RegExp(`^http://127.0.0.1:${port} sent 1[0-9]{6} bytes, and more; 1000000 are the most`),
    )
  },
)

test.each(toAll)('%s, a packed body is unpacked', async (_, by) => {
  const port = await listen((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'GZIP' }).end(gzipSync('email\na@b.co')),
  )

  const found = await download(`http://127.0.0.1:${port}/`, { send: by({ innerHosts }), signal, maxBytes: 1000 })

  expect(new TextDecoder().decode(found)).toBe('email\na@b.co')
})

test.each(toAll)('%s, what breaks off is an error that another attempt may mend', async (_, by) => {
  const port = await listen((_request, response) => {
    response.writeHead(200, { 'content-length': 1000 })
    response.write('root-password: hunter2', () => response.destroy())
  })
  const send = by({ innerHosts })

  const broken = await download(`http://127.0.0.1:${port}/?s3cret`, { send, signal, maxBytes: 1000 }).catch(
    (error: unknown) => error as Error,
  )
  const refused = await send('http://127.0.0.1:9/?s3cret', get).catch((error: unknown) => error as Error)

  for (const error of [broken, refused]) {
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(FinalError)
    expect(String(error)).toMatch(
      /^Error: http:\/\/127\.0\.0\.1:\d+ gave no whole answer \((ECONNRE\w+|fetch failed|terminated)\)\.$/,
    )
  }
})

test.each(toAll)('%s, an abort ends the wait for an answer, and for a body', async (_, by) => {
  const port = await listen((request, response) => {
    if (request.url === '/body') response.writeHead(200).flushHeaders()
  })
  const send = by({ innerHosts })

  for (const path of ['answer', 'body']) {
    const controller = new AbortController()
    const downloading = download(`http://127.0.0.1:${port}/${path}`, { send, signal: controller.signal, maxBytes: 1 })
    downloading.catch(() => {})
    setTimeout(() => controller.abort(), 50)
    await expect(downloading).rejects.toThrow(/gave no whole answer/)
  }
})

test('on Node, a connection is used again', async () => {
  const ports = new Set<number | undefined>()
  const port = await listen((request, response) => {
    ports.add(request.socket.remotePort)
    response.end('ok')
  })
  const send = sendByNode({ innerHosts })

  for (let sent = 0; sent < 3; sent += 1) {
    const answer = await send(`http://127.0.0.1:${port}/`, get)
    await answer.discard()
    // The connection is given back when the answer has ended.
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }

  expect(ports.size).toBe(1)
})

test.each(toAll)(
  '%s, a server that falls silent is given up after 30 s, and another attempt may pass',
  async (_, by) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const asked = Promise.withResolvers<void>()
    const port = await listen((_request, response) => {
      response.writeHead(200).write('email')
      asked.resolve()
    })
    const downloading = download(`http://127.0.0.1:${port}/`, { send: by({ innerHosts }), signal, maxBytes: 1000 })
    const outcome = downloading.catch((error: unknown) => error)
    await asked.promise
    const turn = () => new Promise<null>((resolve) => void setImmediate(resolve, null))
    // What has come sets the clock anew.
    while ((await Promise.race([outcome, turn()])) === null) vi.advanceTimersByTime(30_000)

    expect(await outcome).toEqual(new Error('A server sent nothing for 30 s.'))
    expect(await outcome).not.toBeInstanceOf(FinalError)
  },
)
