/**
 * The id of a job that the job `parent` enqueues: the same for the same key, whenever and wherever it is made. A UUIDv8
 * (https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8): the parent's instant, so that children sort where their
 * parent does, and a hash of parent and key.
 */
export async function childId(parent: string, key: string): Promise<string> {
  const hash = new Uint8Array(
    await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${parent}\n${key}`)),
  ).subarray(0, 16)
  const hex = (
    parent.replaceAll('-', '').slice(0, 12) + [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  ).slice(0, 32)
  const variant = ((Number.parseInt(hex[16] as string, 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
