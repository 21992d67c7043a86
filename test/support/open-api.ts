import { api } from '../../src/http/api.ts'
import type { Task } from '../../src/index.ts'
import { databases } from './databases.ts'
import { openQueue } from './open-queue.ts'
import { greet } from './tasks.ts'

/** The HTTP API of a queue on SQLite. */
export async function openApi({
  tasks = [],
  token = null,
}: { tasks?: readonly Task[]; token?: ((env: object) => string | undefined) | null } = {}) {
  const { queue } = await openQueue(databases.sqlite, { tasks })
  const app = api(
    { tasks: new Map([greet, ...tasks].map((one): [string, Task] => [one.name, one])), open: () => queue },
    { token },
  )
  return {
    queue,
    request: (path: string, init?: RequestInit) => app.request(path, init),
    send: (body: Uint8Array<ArrayBuffer>, type: string) =>
      app.request('/api/jobs', { method: 'POST', headers: { 'content-type': type }, body }),
    /** @param body JSON as it is sent, or what it is made of */
    post: (body: unknown, headers: Record<string, string> = {}) =>
      app.request('/api/jobs', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  }
}
