import { z } from 'zod'
import { type D1Binding, d1 } from '../src/drivers/d1.ts'
import { defineQueue, exponential, task } from '../src/index.ts'

const httpUrl = z.url({ protocol: /^https?$/ })

/** The key of a signature: a text, or `whsec_` and base64. */
const secret = z
  .string()
  .regex(/^(whsec_[A-Za-z0-9+/]+={0,2}|(?!whsec_).+)$/s, 'use a text, or "whsec_" and base64')
  .optional()

/** Imports a CSV of contacts: one webhook delivery for each row that has a valid `email`. */
export const importContacts = task('import-contacts', {
  input: z
    .strictObject({
      /** The CSV itself, or… */
      csv: z.string().optional(),
      /** …where it is fetched from. */
      url: httpUrl.optional(),
      webhook: httpUrl,
      secret,
    })
    .refine(({ csv, url }) => (csv === undefined) !== (url === undefined), {
      path: ['csv'],
      message: 'give either "csv" or "url"',
    }),
  maxAttempts: 10,
  backoff: exponential('10s', { max: '10m' }),
  timeout: '5m',
})

/** POSTs a payload to a URL, signed when a secret is given. */
export const deliverWebhook = task('deliver-webhook', {
  input: z.strictObject({
    url: httpUrl,
    payload: z.unknown(),
    secret,
  }),
  queue: 'webhooks',
  maxAttempts: 10,
  backoff: exponential('10s', { max: '1h' }),
  timeout: '30s',
})

export interface Env {
  readonly DB: D1Binding
  /** What requests to the HTTP API carry: `wrangler secret put API_TOKEN`. Without one the API is closed. */
  readonly API_TOKEN?: string
}

export const jobs = defineQueue({
  tasks: [importContacts, deliverWebhook],
  queues: ['default', 'webhooks'],
  workers: { default: { queues: ['default', 'webhooks'], concurrency: 20 } },
  connect: (env: Env) => ({ driver: d1(env.DB) }),
})
