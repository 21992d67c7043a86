/**
 * Reads the body of a request.
 *
 * @returns `too-large`: the body has more bytes; `cut-off`: the sender has gone away
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | 'too-large' | 'cut-off'> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length
      if (size > maxBytes) return 'too-large'
      chunks.push(chunk)
    }
  } catch {
    return 'cut-off'
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}
