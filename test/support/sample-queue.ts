import { onTestFinished } from 'vitest'
import { performDeliverWebhook } from '../../functions/deliver-webhook.ts'
import { performImportContacts } from '../../functions/import-contacts.ts'
import { type Env, jobs } from '../../functions/queue.ts'
import { sendByNode } from '../../functions/send-by-node.ts'
import { readInnerHosts } from '../../functions/send.ts'
import { migrate } from '../../src/migrate.ts'
import { databases } from './databases.ts'
import { listen } from './listen.ts'
import { startReceiver } from './receiver.ts'

const send = sendByNode({ innerHosts: readInnerHosts('127.0.0.1') })
/** The performer of imports. */
export const importing = performImportContacts(send)

/** The queue that this repository deploys, on SQLite, until the test ends. Its clock stands still. */
export async function openSample() {
  let now = Date.UTC(2026, 0, 1)
  const driver = databases.sqlite({ clock: () => now })
  onTestFinished(() => driver.close())
  await migrate(driver)
  return {
    driver,
    queue: jobs.open({} as Env, undefined, {
      connection: { driver },
      perform: [importing, performDeliverWebhook(send)],
    }),
    advance: (ms: number) => {
      now += ms
    },
  }
}

/** A receiver of webhooks until the test ends. */
export async function receive(...args: Parameters<typeof startReceiver>) {
  const receiver = await startReceiver(...args)
  onTestFinished(() => receiver.close())
  return receiver
}

/** The URL of a CSV. */
export async function serve(status: number, body: string): Promise<string> {
  const port = await listen((_, response) => response.writeHead(status).end(body))
  return `http://127.0.0.1:${port}/contacts.csv`
}
