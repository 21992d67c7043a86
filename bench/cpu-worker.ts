import type { Result } from '../src/dialects/query.ts'
import { d1, type D1Binding } from '../src/drivers/d1.ts'
import { defineQueue, task } from '../src/index.ts'
import { tick } from '../src/ticks/index.ts'

/** The answers of the database, in the order in which they are asked for. */
let answers: Result[][] = []

const report = task('report', { run: ({ name }: { name: string }) => `Hello, ${name}` })
const jobs = defineQueue({
  tasks: [report],
  recurring: { hourly: { task: report, payload: { name: 'hourly' }, schedule: '0 * * * *' } },
  connect: () => ({ driver: { ...d1({} as D1Binding), batch: async () => answers.shift() ?? [] } }),
  logger: { debug() {}, info() {}, warn() {}, error() {} },
})

/** Does one thing a request, on answers that an earlier request brought: so its CPU time is the library's alone. */
export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === '/answers') answers = await request.json()
    if (pathname === '/enqueue') await jobs.open().enqueue(report, { name: 'Ada' })
    if (pathname === '/tick') await tick(jobs.open())
    return new Response(String(answers.length))
  },
}
