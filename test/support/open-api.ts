import { api, type ApiOptions } from '../../src/http/api.ts'
import type { Logger, Task } from '../../src/index.ts'
import { databases } from './databases.ts'
import { withDefaults } from '../../src/job/defined-task.ts'
import { standardDefaults } from '../../src/job/task-defaults.ts'
import { openQueue, silent } from './open-queue.ts'
import { greet } from './tasks.ts'

/** The HTTP API of a queue on SQLite. */
export async function openApi<Env extends object = object>({
  tasks = [],
  queues = null,
  logger = silent,
  token = null,
  env,
  ...options
}: Partial<ApiOptions<Env>> & {
  tasks?: readonly Task[]
  queues?: readonly string[] | null
  logger?: Logger
  env?: Env
} = {}) {
  const { queue, driver } = await openQueue(databases.sqlite, { tasks })
  const served = {
    tasks: new Map([greet, ...tasks].map((one) => [one.name, withDefaults(one, standardDefaults)])),
    queues: queues && new Set(queues),
    logger,
    open: () => queue,
  }
  const app = api<Env>(served, { token, ...options })
  const request = (path: string, init?: RequestInit) => app.request(path, init, env)
  const send = (body: BodyInit, type: string, headers: Record<string, string> = {}) =>
    request('/api/jobs', { method: 'POST', headers: { 'content-type': type, ...headers }, body })
  return {
    app,
    driver,
    queue,
    request,
    send,
    /** @param body JSON as it is sent, or what it is made of */
    post: (body: unknown, headers?: Record<string, string>) =>
      send(typeof body === 'string' ? body : JSON.stringify(body), 'application/json', headers),
  }
}
