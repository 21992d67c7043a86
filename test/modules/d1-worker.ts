import { type D1Binding, d1 } from '../../src/drivers/d1.ts'
import { defineQueue, task } from '../../src/index.ts'
import { manage } from '../../src/manage/index.ts'
import { tick } from '../../src/ticks/index.ts'

// workerd refuses I/O, timers and random numbers while a module is loaded, and this Worker has no `node:` modules.
const greet = task('greet', { run: ({ name }: { name: string }) => `Hello, ${name}` })
let reports = 0
const jobs = defineQueue({
  tasks: [greet],
  recurring: {
    daily: { task: greet, payload: { name: 'daily' }, schedule: '0 10 * * *', timeZone: 'Australia/Lord_Howe' },
  },
  // Ends after the answer, where only `waitUntil` keeps it alive.
  on: {
    'job.enqueued': async () => {
      await new Promise((resolve) => setTimeout(resolve, 100))
      reports += 1
    },
  },
  connect: (env: { DB: D1Binding }) => ({ driver: d1(env.DB) }),
})

export default {
  async fetch({ url }: Request, env: { DB: D1Binding }, ctx: ExecutionContext): Promise<Response> {
    if (url.endsWith('/reports')) return Response.json(reports)
    const queue = jobs.open(env, ctx)
    if (url.endsWith('/enqueue')) return Response.json(await queue.enqueue(greet, { name: 'later' }))
    const { id } = await queue.enqueue(greet, { name: 'workerd' })
    await tick(queue)
    const [daily] = (await manage(queue).recurring.list()).items
    return Response.json({ result: (await queue.find(id, { of: greet }))?.result, nextRunAt: daily?.nextRunAt })
  },
}
