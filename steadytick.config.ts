import { performDeliverWebhook } from './functions/deliver-webhook.ts'
import { performImportContacts } from './functions/import-contacts.ts'
import { jobs } from './functions/queue.ts'
import { defineConfig } from './src/cli/config.ts'

export default defineConfig({ jobs, perform: [performImportContacts, performDeliverWebhook] })
