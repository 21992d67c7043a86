import { api } from '../src/http/api.ts'
import { ticks } from '../src/platforms/cloudflare.ts'
import { performDeliverWebhook } from './deliver-webhook.ts'
import { performImportContacts } from './import-contacts.ts'
import { jobs } from './queue.ts'

export default {
  fetch: api(jobs, { token: (env) => env.API_TOKEN }).fetch,
  ...ticks(jobs, { perform: [performImportContacts, performDeliverWebhook] }),
}
