import { deliverWebhook } from './queue.ts'
import { refuseForGood } from './refuse-for-good.ts'
import type { Send } from './send.ts'
import { keyFor } from './webhook-secret.ts'

/**
 * Speaks Standard Webhooks (https://www.standardwebhooks.com); most languages have a library that verifies it.
 * `webhook-id` is the job's id, the same in each attempt, so that a receiver can tell a repeated delivery. No redirect
 * is followed, since it would turn the POST into a GET.
 */
export const performDeliverWebhook = (send: Send) =>
  deliverWebhook.perform(async ({ url, payload, ...signing }, { signal, job, attempt }) => {
    const body = JSON.stringify(payload ?? null)
    const timestamp = String(Math.floor(Date.now() / 1000))
    const key = keyFor(signing)
    const signature = key === null ? null : await sign(`${job.id}.${timestamp}.${body}`, key)
    const answer = await send(url, {
      method: 'POST',
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
    await refuseForGood(answer, url)
    await answer.discard()
    return { status: answer.status }
  })

/** HMAC-SHA256, in base64. */
async function sign(text: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(signature)))
}
