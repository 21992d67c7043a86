/** Bytes of a key: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
const minBytes = 24
const maxBytes = 64
const prefix = 'whsec_'

/** The form of a secret, for errors. */
export const secretForm = `use a text, or "${prefix}" and ${minBytes} to ${maxBytes} bytes in base64`

/**
 * The key of signatures in a secret: its own bytes, or the bytes whose base64 follows `whsec_`. Null: the text is no
 * secret.
 */
export function readSecret(secret: string): Uint8Array<ArrayBuffer> | null {
  if (!secret.startsWith(prefix)) return secret === '' ? null : new TextEncoder().encode(secret)
  const base64 = /^([A-Za-z0-9+/]+)={0,2}$/.exec(secret.slice(prefix.length))?.[1]
  if (base64 === undefined || base64.length % 4 === 1) return null
  const key = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return key.length < minBytes || key.length > maxBytes ? null : key
}

/** How a delivery is signed: with one of these, or not at all. */
export interface Signing {
  /** The secret itself, which is shown with the job. */
  readonly secret?: string | undefined
  /** The environment variable that holds the secret. */
  readonly secretName?: string | undefined
}

/**
 * The key of a delivery's signature; null: the delivery is not signed.
 *
 * @throws Error when the environment has no such secret: it may be there when the job is tried again
 */
export function keyFor({ secret, secretName }: Signing): Uint8Array<ArrayBuffer> | null {
  const value = secretName === undefined ? secret : process.env[secretName]
  if (value === undefined && secretName === undefined) return null
  if (value === undefined)
    throw new Error(
      `There is no ${secretName} in the environment. Set it; for a Worker, with "wrangler secret put ${secretName}".`,
    )
  const key = readSecret(value)
  if (key === null) throw new Error(`${secretName ?? '"secret"'} is no secret: ${secretForm}.`)
  return key
}
