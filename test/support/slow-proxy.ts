import { connect, createServer, type AddressInfo } from 'node:net'

/** A TCP proxy that makes a far database of a near one, and counts its round trips. Close it. */
export interface SlowProxy {
  readonly port: number
  /** Times a client spoke after it had heard the server: what was sent without waiting is one round trip. */
  roundTrips(): number
  close(): void
}

/** @param delayMs how long each answer is held back, so that all that is sent without waiting comes before it */
export async function startSlowProxy(target: { host: string; port: number }, delayMs = 25): Promise<SlowProxy> {
  let roundTrips = 0
  const server = createServer((client) => {
    const upstream = connect(target)
    let heard = true
    client.on('data', (chunk) => {
      if (heard) roundTrips += 1
      heard = false
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      setTimeout(() => {
        heard = true
        client.write(chunk)
      }, delayMs)
    })
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    roundTrips: () => roundTrips,
    close: () => void server.close(),
  }
}
