import { z } from 'zod'
import { type D1Binding, d1 } from '../src/drivers/d1.ts'
import { defineQueue, exponential, task } from '../src/index.ts'
import { readSecret, secretForm, type Signing } from './webhook-secret.ts'

/** Few other programs take a longer URL. Jobs are shown, so a URL must not contain a user or a password. */
const httpUrl = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .refine((url) => {
    const { username, password } = URL.parse(url) ?? {}
    return !username && !password
  }, 'leave out the user and the password: jobs are shown')

const signing = {
  /** The key of signatures: a text, or `whsec_` and base64. It is shown with the job, so prefer `secretName`. */
  secret: z
    .string()
    .max(256)
    .refine((secret) => readSecret(secret) !== null, secretForm)
    .optional(),
  /** The environment variable that holds the secret. Only names with this prefix are accepted. */
  secretName: z
    .string()
    .regex(/^WEBHOOK_SECRET_[A-Z0-9_]{1,100}$/, 'use the name of a variable that begins with "WEBHOOK_SECRET_"')
    .optional(),
}
const isSignedOnce = ({ secret, secretName }: Signing) => secret === undefined || secretName === undefined
const signedTwice = { path: ['secretName'], message: 'give either "secret" or "secretName"' }

/** Imports a CSV of contacts: one webhook delivery for each row that has a valid `email`. */
export const importContacts = task('import-contacts', {
  input: z
    .strictObject({
      /** The CSV itself; give either this or `url`. */
      csv: z.string().optional(),
      /** The address that the CSV is fetched from. */
      url: httpUrl.optional(),
      webhook: httpUrl,
      ...signing,
    })
    .refine(({ csv, url }) => (csv === undefined) !== (url === undefined), {
      path: ['csv'],
      message: 'give either "csv" or "url"',
    })
    .refine(isSignedOnce, signedTwice),
  maxAttempts: 10,
  backoff: exponential('10s', { max: '10m' }),
  timeout: '5m',
})

/** POSTs a payload to a URL, signed when a secret is given. */
export const deliverWebhook = task('deliver-webhook', {
  input: z
    .strictObject({
      url: httpUrl,
      payload: z.unknown(),
      ...signing,
    })
    .refine(isSignedOnce, signedTwice),
  queue: 'webhooks',
  maxAttempts: 10,
  backoff: exponential('10s', { max: '1h' }),
  timeout: '30s',
})

export interface Env {
  readonly DB: D1Binding
  /** The token that requests to the HTTP API carry: `wrangler secret put API_TOKEN`. Without one the API is closed. */
  readonly API_TOKEN?: string
}

export const jobs = defineQueue({
  tasks: [importContacts, deliverWebhook],
  queues: ['default', 'webhooks'],
  // Deliveries wait for servers of strangers, up to 30 s each. They have slots of their own, so that no import waits
  // for them. Where one receiver must not hold up the others, give `deliverWebhook` a `concurrency` whose key is the
  // host; each job then writes more rows.
  workers: { default: { queues: ['default'], concurrency: 20 }, webhooks: { queues: ['webhooks'], concurrency: 20 } },
  connect: (env: Env) => ({ driver: d1(env.DB) }),
})
