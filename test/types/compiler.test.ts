import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compile, newUserFolder } from '../support/user-folder.ts'

/** What the mistakes are made with. */
const given = `
import { defineQueue, task, type Queue } from 'steadytick'
import { z } from 'zod'

export const sendMail = task('send-mail', { input: z.object({ to: z.string(), subject: z.string() }) })
export const performSendMail = sendMail.perform(() => ({ sent: true }))
export const greet = task('greet', { run: ({ n }: { n: number }) => n })
export const ping = task('ping', { run: () => 'pong' })
export const connect = () => ({ driver: {} as never })
export const jobs = defineQueue({ tasks: [sendMail, greet, ping], connect })
export const inline = defineQueue({ tasks: [greet, ping], connect })
export declare const queue: Queue
`
const imports = `
import { defineQueue, task } from 'steadytick'
import { ticks } from 'steadytick/cloudflare'
import { defineConfig } from 'steadytick/config'
import { testQueue } from 'steadytick/testing'
import { tick } from 'steadytick/ticks'
import { z } from 'zod'
import { connect, greet, inline, jobs, performSendMail, ping, queue, sendMail } from './given.ts'
`

/** A mistake, in an expression, and the words of the compiler that lead out of it. */
const mistakes: readonly (readonly [mistake: string, words: string])[] = [
  [`queue.enqueue(sendMail, { to: 42, subject: '' })`, `Type 'number' is not assignable to type 'string'.`],
  [`queue.enqueue(sendMail, { to: '' })`, `Property 'subject' is missing in type '{ to: string; }'`],
  [`queue.enqueue(sendMail)`, `Expected 2-3 arguments, but got 1.`],
  [`queue.enqueue('send-mail', { to: '' })`, `Argument of type 'string' is not assignable to parameter of type 'Task<`],
  [`queue.enqueue(greet, { n: 1 }, { runafter: '5m' })`, `Did you mean to write 'runAfter'?`],
  [`queue.enqueue(greet, { n: 1 }, { delay: '5m' })`, `'delay' does not exist in type 'EnqueueOptions'.`],
  [
    `queue.enqueue(greet, { n: 1 }, { runAfter: '5 minutes' })`,
    `Type '"5 minutes"' is not assignable to type 'Date | Duration`,
  ],
  [
    `queue.enqueue(ping, { runAfter: '5m' })`,
    `'{ runAfter: string; }' is not assignable to parameter of type 'undefined'.`,
  ],
  [
    `queue.enqueueAll(greet, [{ n: '1' }])`,
    `Argument of type '{ n: string; }[]' is not assignable to parameter of type 'Iterable<NoInfer<{ n: number; }>>'.`,
  ],
  [`task('t', { maxAttempt: 3, run: () => 1 })`, `Did you mean to write 'maxAttempts'?`],
  [`task('t', { maxAttempts: 3, backof: () => 1, run: () => 1 })`, `Did you mean to write 'backoff'?`],
  [`task('t', { input: z.object({ a: z.string() }), maxattempts: 3 })`, `Did you mean to write 'maxAttempts'?`],
  [
    `task('t', { input: z.object({ accountId: z.string() }), concurrency: { key: ({ account }) => account } })`,
    `Property 'account' does not exist on type '{ accountId: string; }'.`,
  ],
  [
    `task('t', { run: (_: { accountId: string }) => 1, concurrency: { key: ({ account }) => account } })`,
    `Property 'account' does not exist on type '{ accountId: string; }'.`,
  ],
  [`task('t', { timeout: '30', run: () => 1 })`, `Type '"30"' is not assignable to type 'Duration`],
  [`task('t', { onConflict: 'skip', run: () => 1 })`, `'onConflict' does not exist in type 'TaskOptions &`],
  [
    `task('t', { concurrency: { key: 'a', onConflict: 'discard' }, run: () => 1 })`,
    `Type '"discard"' is not assignable to type 'OnConflict`,
  ],
  [
    `task('t', { input: z.object({ a: z.string() }), run: ({ b }) => b })`,
    `Property 'b' does not exist on type '{ a: string; }'.`,
  ],
  [
    `task('t').perform(({ a }: { a: string }) => a)`,
    `is not assignable to parameter of type 'Handler<undefined, string>'.`,
  ],
  [`defineQueue({ tasks: [ping], connect, defaults: { maxAttempt: 3 } })`, `Did you mean to write 'maxAttempts'?`],
  [
    `defineQueue({ tasks: [ping], connect: () => ({ path: '' }) })`,
    `Property 'driver' is missing in type '{ path: string; }' but required in type 'Connection'.`,
  ],
  [
    `defineQueue({ tasks: [ping], connect, recurring: { a: { task: ping, schedule: '@daily', timezone: 'UTC' } } })`,
    `Did you mean to write 'timeZone'?`,
  ],
  [
    `defineQueue({ tasks: [greet], connect, recurring: { a: { task: greet, payload: { m: 1 }, schedule: '@daily' } } })`,
    `'m' does not exist in type '{ n: number; }'.`,
  ],
  [`jobs.open({}, undefined, { perform: [] })`, `{ readonly 'these tasks have no performer': "send-mail"; }`],
  [`defineConfig({ jobs, perform: [] })`, `{ readonly 'these tasks have no performer': "send-mail"; }`],
  [`ticks(jobs, { perform: [] })`, `{ readonly 'these tasks have no performer': "send-mail"; }`],
  [`testQueue(jobs, { perform: [] })`, `{ readonly 'these tasks have no performer': "send-mail"; }`],
  [`tick(jobs.open({}))`, `Types of property ''these tasks have no performer'' are incompatible.`],
  [`ticks(inline, { perform: [performSendMail] })`, `{ readonly 'the queue has no such tasks': "send-mail"; }`],
  [`ticks(jobs)`, `Expected 2 arguments, but got 1.`],
  [`testQueue(jobs)`, `Expected 2 arguments, but got 1.`],
  [`defineConfig({ jobs })`, `Property 'perform' is missing in type`],
  [`ticks(jobs, { perform: [sendMail] })`, `is missing the following properties from type 'Performer<`],
  [
    `queue.result<typeof performSendMail>('').then(({ sentt }) => sentt)`,
    `Property 'sentt' does not exist on type '{ sent: boolean; }'.`,
  ],
  [
    `queue.enqueue(greet, { n: 1 }).then((job) => queue.result(job)).then((n) => n.length)`,
    `Property 'length' does not exist on type 'number'.`,
  ],
  [`queue.find('', sendMail)`, `has no properties in common with type 'FindOptions<never>'.`],
]

test('the compiler names the mistake, where it is', async () => {
  const folder = await newUserFolder(['zod'])
  writeFileSync(join(folder, 'given.ts'), given)
  for (const [index, [mistake]] of mistakes.entries())
    writeFileSync(join(folder, `mistake${index}.ts`), `${imports}\nexport const made = () =>\n${mistake}\n`)

  const said = await compile(folder, { skipLibCheck: true }).catch(({ message }: Error) => message)

  const texts = mistakes.map(([mistake], index) => {
    const lines = String(said).split('\n')
    const first = lines.findIndex((line) => line.startsWith(`mistake${index}.ts(`))
    const rest = lines.slice(first + 1)
    const more = rest.findIndex((line) => !line.startsWith(' '))
    return [mistake, first < 0 ? 'It compiles.' : lines.slice(first, first + 1 + more).join('\n')]
  })
  expect(texts).toEqual(mistakes.map(([mistake, words]) => [mistake, expect.stringContaining(words)]))
})

/** A project of so many tasks, a third of them with a schema, and each enqueued once. */
function project(count: number): string {
  const numbers = Array.from({ length: count }, (_, index) => index)
  const tasks = numbers.map((n) =>
    [
      `const t${n} = task('t${n}', { input: z.object({ at: z.coerce.date<string>(), a${n}: z.number() }) })
       const p${n} = t${n}.perform(({ at, a${n} }) => ({ at, sum: a${n} }))`,
      `const t${n} = task('t${n}', { run: ({ a${n} }: { a${n}: string }) => a${n}, concurrency: { key: ({ a${n} }) => a${n} } })`,
      `const t${n} = task('t${n}', { input: typed<{ a${n}: number }>(), run: async ({ a${n} }, { signal }) => [a${n}, signal] })`,
    ].at(n % 3),
  )
  const calls = numbers.map((n) => {
    const payload = [`{ at: '', a${n}: 1 }`, `{ a${n}: '' }`, `{ a${n}: 1 }`].at(n % 3)
    return `await queue.result(await queue.enqueue(t${n}, ${payload}, { runAfter: '5m' }))`
  })
  return [
    `import { defineQueue, task, typed } from 'steadytick'`,
    `import { tick } from 'steadytick/ticks'`,
    `import { z } from 'zod'`,
    ...tasks,
    `const jobs = defineQueue({ tasks: [${numbers.map((n) => `t${n}`).join()}], connect: () => ({ driver: {} as never }) })`,
    `const perform = [${numbers.flatMap((n) => (n % 3 === 0 ? `p${n}` : [])).join()}] as const`,
    `const queue = jobs.open({}, undefined, { perform })`,
    ...calls,
    `await tick(queue)`,
  ].join('\n')
}

test('what tasks cost the compiler grows with their number, and no faster', async () => {
  const folder = await newUserFolder(['zod'])
  // Times differ from machine to machine; the number of types that are made does not.
  const instantiations = async (count: number) => {
    const name = `tasks${count}.ts`
    writeFileSync(join(folder, name), project(count))
    const flags = ['--singleThreaded', '--extendedDiagnostics']
    const said = await compile(folder, { files: [name], skipLibCheck: true, flags })
    return Number(/Instantiations:\s+(\d+)/.exec(said)?.[1])
  }

  const [few, some, many] = [await instantiations(3), await instantiations(102), await instantiations(201)]

  // About 370 a task: 200 tasks and their enqueues take the compiler 0.2 s.
  expect((many - few) / 198).toBeLessThan(500)
  expect((many - some) / (some - few)).toBeLessThan(1.1)
})
