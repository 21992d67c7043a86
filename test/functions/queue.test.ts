import { expect, test } from 'vitest'
import { deliverWebhook, importContacts } from '../../functions/queue.ts'
import { PayloadError } from '../../src/index.ts'
import { openSample } from '../support/sample-queue.ts'

/** `whsec_`, and so many bytes in base64. */
const key = (bytes: number, end = '') => `whsec_${Buffer.alloc(bytes).toString('base64')}${end}`

test.each(['a text', 's'.repeat(256), key(24), key(64), key(25).replace(/=+$/, '')])(
  'the secret %s is taken',
  async (secret) => {
    const { queue } = await openSample()

    const enqueued = await queue.enqueue(deliverWebhook, { url: 'https://a.b/x@y?z@', payload: 1, secret })

    expect(enqueued.state).toBe('ready')
  },
)

test.each<readonly [string, object, RegExp]>([
  ['neither csv nor url', { webhook: 'http://a.b/' }, /payload\.csv: give either/],
  ['both', { csv: '', url: 'http://a.b/', webhook: 'http://a.b/' }, /payload\.csv: give either/],
  ['no webhook', { csv: 'email' }, /payload\.webhook/],
  ['a webhook of another protocol', { csv: 'email', webhook: 'file:///etc/passwd' }, /payload\.webhook/],
  ['a URL with a user', { csv: 'email', webhook: 'http://user:p4ss@a.b/' }, /payload\.webhook: leave out the user/],
  [
    'a URL with a user, oddly',
    { csv: 'email', webhook: 'HTTPS:\\\\p4ss@a.b/' },
    /payload\.webhook: leave out the user/,
  ],
  [
    'a source with a user',
    { url: 'http://user:p4ss@a.b/', webhook: 'http://a.b/' },
    /payload\.url: leave out the user/,
  ],
  ['a URL without end', { csv: 'email', webhook: `http://a.b/${'x'.repeat(2038)}` }, /payload\.webhook: .*2048/],
  ['a source without end', { url: `http://a.b/${'x'.repeat(2038)}`, webhook: 'http://a.b/' }, /payload\.url: .*2048/],
  ['a secret without end', { csv: 'email', webhook: 'http://a.b/', secret: 's'.repeat(257) }, /payload\.secret: .*256/],
  ...[
    '',
    'whsec_',
    'whsec_?',
    `whsec_${'A'.repeat(33)}`,
    key(23),
    key(65),
    key(24).replace('A', 'A '),
    key(24, '==='),
  ].map(
    (secret) =>
      [
        `the secret ${JSON.stringify(secret)}`,
        { csv: 'email', webhook: 'http://a.b/', secret },
        /payload\.secret: use a text, or "whsec_" and 24 to 64 bytes/,
      ] as const,
  ),
  [
    'two secrets',
    { csv: 'email', webhook: 'http://a.b/', secret: 's', secretName: 'WEBHOOK_SECRET_A' },
    /payload\.secretName: give either/,
  ],
  ...['DATABASE_URL', 'webhook_secret_a', 'WEBHOOK_SECRET_', `WEBHOOK_SECRET_${'A'.repeat(101)}`].map(
    (secretName) =>
      [
        `the name ${secretName} of a secret`,
        { csv: 'email', webhook: 'http://a.b/', secretName },
        /payload\.secretName: use the name of a variable that begins/,
      ] as const,
  ),
])('an import with %s is refused', async (_, payload, message) => {
  const { queue } = await openSample()

  const enqueueing = queue.enqueue(importContacts, payload as never)

  await expect(enqueueing).rejects.toThrow(PayloadError)
  await expect(enqueueing).rejects.toThrow(message)
  await expect(enqueueing).rejects.not.toThrow(/p4ss/)
})
