import { performDeliverWebhook } from './functions/deliver-webhook.ts'
import { performImportContacts } from './functions/import-contacts.ts'
import { jobs } from './functions/queue.ts'
import { sendByNode } from './functions/send-by-node.ts'
import { readInnerHosts } from './functions/send.ts'
import { defineConfig } from './src/cli/config.ts'
import { pg } from './src/drivers/pg.ts'
import { sqlite } from './src/drivers/sqlite.ts'

// `steadytick start` listens on loopback only, so what enqueues here can reach the receivers of this machine anyway.
// `INNER_HOSTS=` allows none.
const innerHosts = readInnerHosts(process.env['INNER_HOSTS'] ?? 'localhost 127.0.0.1 [::1]')
const send = sendByNode({ innerHosts })

export default defineConfig({
  jobs,
  perform: [performImportContacts(send), performDeliverWebhook(send)],
  // The queue itself is on D1, which only its Worker has.
  connect: ({ DATABASE_URL: url = 'file:.steadytick/queue.db' }) => ({
    driver: url.startsWith('file:') ? sqlite(url.slice('file:'.length)) : pg(url),
  }),
})
