import { api } from '../src/http/api.ts'
import { ticks } from '../src/platforms/cloudflare.ts'
import { performDeliverWebhook } from './deliver-webhook.ts'
import { performImportContacts } from './import-contacts.ts'
import { jobs } from './queue.ts'
import { sendByFetch } from './send-by-fetch.ts'
import { readInnerHosts } from './send.ts'

const send = sendByFetch({ innerHosts: readInnerHosts(process.env['INNER_HOSTS']) })

export default {
  fetch: api(jobs, { token: (env) => env.API_TOKEN }).fetch,
  ...ticks(jobs, { perform: [performImportContacts(send), performDeliverWebhook(send)] }),
}
