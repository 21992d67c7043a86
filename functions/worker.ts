import { defineQueue } from '../src/index.ts'
import { type D1Binding, d1 } from '../src/drivers/d1.ts'
import { api } from '../src/http/api.ts'
import { ticks } from '../src/platforms/cloudflare.ts'
import { performDeliverWebhook } from './deliver-webhook.ts'
import { performImportContacts } from './import-contacts.ts'
import { definition } from './queue.ts'

interface Env {
  readonly DB: D1Binding
  /** What requests to the API carry: `wrangler secret put API_TOKEN`. */
  readonly API_TOKEN?: string
}

const jobs = defineQueue({ ...definition, connect: (env: Env) => ({ driver: d1(env.DB) }) })

export default {
  fetch: api(jobs, { token: (env) => env.API_TOKEN }).fetch,
  ...ticks(jobs, { perform: [performImportContacts, performDeliverWebhook] }),
}
