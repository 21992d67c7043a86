import { neonConfig } from '@neondatabase/serverless'
import { neon } from '../../src/drivers/neon.ts'
import { defineQueue, task } from '../../src/index.ts'
import { endpointOf } from '../support/neon-endpoint.ts'
import { tick } from '../../src/ticks/index.ts'

interface Env {
  NEON_URL: string
  SCHEMA: string
}

neonConfig.fetchEndpoint = endpointOf

const greet = task('greet', { run: ({ name }: { name: string }) => `Hello, ${name}` })
const jobs = defineQueue({
  tasks: [greet],
  connect: ({ NEON_URL, SCHEMA }: Env) => ({ driver: neon(NEON_URL, { schema: SCHEMA }) }),
})

export default {
  async fetch(_: Request, env: Env): Promise<Response> {
    const queue = jobs.open(env)
    const { id } = await queue.enqueue(greet, { name: 'Neon' })
    const report = await tick(queue)
    const job = await queue.find(id, { of: greet })
    return Response.json({ result: job?.result, finishedAt: job?.finishedAt, succeeded: report.succeeded })
  },
}
