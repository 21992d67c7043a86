import { type D1Binding, d1 } from '../../src/drivers/d1.ts'
import { defineQueue, task } from '../../src/index.ts'
import { manage } from '../../src/manage/index.ts'
import { tick } from '../../src/ticks/index.ts'

// workerd refuses I/O, timers and random numbers while a module is loaded, and this Worker has no `node:` modules.
const greet = task('greet', { run: ({ name }: { name: string }) => `Hello, ${name}` })
const jobs = defineQueue({
  tasks: [greet],
  recurring: {
    daily: { task: greet, payload: { name: 'daily' }, schedule: '0 10 * * *', timeZone: 'Australia/Lord_Howe' },
  },
  connect: (env: { DB: D1Binding }) => ({ driver: d1(env.DB) }),
})

export default {
  async fetch(_: Request, env: { DB: D1Binding }): Promise<Response> {
    const queue = jobs.open(env)
    const { id } = await queue.enqueue(greet, { name: 'workerd' })
    await tick(queue)
    const [daily] = (await manage(queue).recurring.list()).items
    return Response.json({ result: (await queue.find(id, { of: greet }))?.result, nextRunAt: daily?.nextRunAt })
  },
}
