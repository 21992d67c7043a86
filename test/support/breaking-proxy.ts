import { connect, createServer, type AddressInfo } from 'node:net'

/** A TCP proxy that breaks connections when it is told to. Close it. */
export interface BreakingProxy {
  readonly port: number
  /** Connections broken so far. */
  broken(): number
  /** The next request does not arrive: its connection breaks before. */
  loseRequest(): void
  /** The next part of an answer that holds this text does not arrive: the connection breaks instead. */
  loseAnswer(text: string): void
  /** Nothing arrives any more, and no connection breaks. */
  swallow(): void
  close(): void
}

export async function startBreakingProxy(target: { host: string; port: number }): Promise<BreakingProxy> {
  let broken = 0
  let requestLost = false
  let answerLost: string | null = null
  let swallowed = false
  const server = createServer((client) => {
    const upstream = connect(target)
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    client.on('data', (chunk) => {
      if (swallowed) return
      if (!requestLost) return upstream.write(chunk)
      requestLost = false
      broken += 1
      return end()
    })
    upstream.on('data', (chunk) => {
      if (swallowed) return
      if (answerLost === null || !chunk.includes(answerLost)) return client.write(chunk)
      answerLost = null
      broken += 1
      return end()
    })
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    broken: () => broken,
    loseRequest: () => {
      requestLost = true
    },
    loseAnswer: (text) => {
      answerLost = text
    },
    swallow: () => {
      swallowed = true
    },
    close: () => void server.close(),
  }
}
