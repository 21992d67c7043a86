import { deliverWebhook } from './queue.ts'
import { refuseForGood } from './refuse-for-good.ts'

/**
 * Speaks Standard Webhooks (https://www.standardwebhooks.com), for which most languages have a library that verifies:
 * `webhook-id` is the job's id, the same in each attempt, so that a receiver can tell a repeated delivery.
 */
export const performDeliverWebhook = deliverWebhook.perform(
  async ({ url, payload, secret }, { signal, job, attempt }) => {
    const body = JSON.stringify(payload ?? null)
    const timestamp = String(Math.floor(Date.now() / 1000))
    const signature = secret === undefined ? null : await sign(`${job.id}.${timestamp}.${body}`, secret)
    const response = await fetch(url, {
      method: 'POST',
      // A redirect would turn the POST into a GET.
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'webhook-id': job.id,
        'webhook-timestamp': timestamp,
        'webhook-attempt': String(attempt),
        ...(signature === null ? {} : { 'webhook-signature': `v1,${signature}` }),
      },
      body,
      signal,
    })
    await refuseForGood(response, url)
    await response.body?.cancel()
    return { status: response.status }
  },
)

/** HMAC-SHA256, in base64. */
async function sign(text: string, secret: string): Promise<string> {
  const bytes = new TextEncoder()
  const key = await crypto.subtle.importKey(
    'raw',
    secret.startsWith('whsec_')
      ? Uint8Array.from(atob(secret.slice(6)), (character) => character.charCodeAt(0))
      : bytes.encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes.encode(text)))))
}
