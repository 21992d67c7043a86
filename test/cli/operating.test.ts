import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { newId } from '../../src/job/job-id.ts'
import { commandLine } from '../support/command-line.ts'
import { configOf } from '../support/config-file.ts'
import { newFile, newFolder } from '../support/folders.ts'
import { steadytick } from '../support/steadytick.ts'

const tasks = `
  task('greet', { run: ({ name }: { name: string }) => 'Hello, ' + name }),
  task('one', { run: (_: string) => {}, concurrency: { key: (name) => name } }),
  task('never', { run: () => {}, concurrency: { key: 'all', onConflict: 'skip' } }),
  task('fail', { queue: 'mail', run: (url: string) => { throw new FinalError(url + ' is down') } })`

async function open(queue = `queues: ['default', 'mail']`) {
  const opened = await commandLine(tasks, queue)
  const enqueue = async (...args: readonly string[]): Promise<string> => (await opened.json('enqueue', ...args)).id
  return { ...opened, enqueue }
}

test('enqueue stores a job, with what its options say', async () => {
  const { run, json } = await open()

  const told = await run(['enqueue', 'greet', '{"name":"Ada"}'])
  const piped = await run(['enqueue', 'greet', '-', '--json'], '{"name":"Bob"}')
  const id = newId()
  const own = await json(
    'enqueue',
    'fail',
    '"http://a.test"',
    '-q',
    'default',
    '-p',
    '-7',
    '--run-after',
    '1h',
    '--id',
    id,
  )
  const soon = await json('enqueue', 'fail', '"x"', '--run-after', '2020-01-01T00:00:00Z')

  expect([told.code, told.stdout, told.stderr]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36} {2}ready\n$/), ''])
  expect(JSON.parse(piped.stdout)).toMatchObject({ state: 'ready' })
  expect(own).toEqual({ id, state: 'scheduled', created: true })
  expect(await json('job', id)).toMatchObject({ queue: 'default', priority: -7, payload: 'http://a.test' })
  expect(soon).toMatchObject({ state: 'ready' })
})

test('jobs lists them by state, queue, task and time, page by page', async () => {
  const { run, json, enqueue } = await open()
  const first = await enqueue('greet', '{"name":"Ada"}', '-p', '1')
  const second = await enqueue('greet', '{"name":"Bob"}')
  const mail = await enqueue('fail', '"x"')
  const later = await enqueue('fail', '"x"', '--run-after', '1d')
  const ids = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id)

  const all = await json('jobs')
  const page = await json('jobs', '--state', 'ready', '--limit', '2')
  const rest = await json('jobs', '--state', 'ready', '--limit', '2', '--after', page.next)
  const told = await run(['jobs', '--state', 'ready', '-n', '1'])

  expect(ids(all)).toEqual([first, second, mail, later])
  expect(all.counts).toMatchObject({ ready: { count: 3 }, scheduled: { count: 1 }, failed: { count: 0, more: false } })
  expect([ids(page), ids(rest), rest.next]).toEqual([[first, second], [mail], null])
  expect(ids(await json('jobs', '-q', 'mail'))).toEqual([mail, later])
  expect(ids(await json('jobs', '-t', 'greet'))).toEqual([first, second])
  expect(ids(await json('jobs', '--since', '1h', '--state', 'scheduled'))).toEqual([later])
  expect(ids(await json('jobs', '--until', '2026-01-01T00:00:00Z'))).toEqual([])
  expect((await json('jobs', '--limit', '2')).more).toBe(true)
  expect(told.stdout).toMatch(
    new RegExp(
      `^ID .*LAST ERROR\\n${first} +ready +default +greet +1 +0/1 +due .* ago\\n\\nThere are more: go on with --after '`,
    ),
  )
})

test('job, explain and failed say what is known of a failure; retry runs it again', async () => {
  const { run, json, enqueue } = await open()
  const failed = await enqueue('fail', '"http://a.test/1"')
  await enqueue('fail', '"http://a.test/2"')
  const greeted = await enqueue('greet', '{"name":"Ada"}')
  const drained = await run(['drain', '--json'])

  const job = await run(['job', failed])
  const explained = await run(['explain', failed])
  const kinds = await json('failures')
  const shown = await run(['failures'])
  const byKind = await json('retry', '--fingerprint', kinds[0].fingerprint)

  expect(JSON.parse(drained.stdout)).toMatchObject({ claimed: 3, succeeded: 1, failed: 2, ready: { count: 0 } })
  expect(job.stdout).toMatch(
    /^id +\S+\nstate +failed\n[^]*attempts +1 of 1\n[^]*\nFinalError: http:\/\/a.test\/1 is down\n {4}at /,
  )
  expect(explained.stdout).toMatch(/ is failed\.\nIt failed at .* Retry it, or discard it\.\n$/)
  expect(await json('explain', greeted)).toMatchObject({ job: { state: 'finished' }, reasons: [{ code: 'finished' }] })
  expect(await json('job', greeted)).toMatchObject({ outcome: 'succeeded', result: 'Hello, Ada' })
  expect(kinds).toMatchObject([{ task: 'fail', count: { count: 2, more: false } }])
  expect(shown.stdout).toMatch(
    /^JOBS +FINGERPRINT +LAST +ERROR\n2 +fail\/\w{8} +\S+ ago +FinalError: .*\n\n[^]*retry --fingerprint 'fail\//,
  )
  expect(byKind).toEqual({ count: 2, dryRun: false })
})

test('after a retry, job tells the errors of before from those of now, and jobs shows no error of what succeeded', async () => {
  const { run, json } = await commandLine(
    `task('third', { maxAttempts: 2, backoff: () => 0, run: (file: string) => {
      const { appendFileSync, statSync } = process.getBuiltinModule('node:fs')
      appendFileSync(file, '.')
      if (statSync(file).size < 4) throw new Error('number ' + statSync(file).size)
    } })`,
    '',
  )
  const { id } = await json('enqueue', 'third', JSON.stringify(newFile()))
  await run(['drain'])
  await run(['retry', id])

  const waiting = await run(['jobs'])
  await run(['drain'])
  const shown = await run(['job', id])
  const listed = await run(['jobs'])

  expect(await json('job', id)).toMatchObject({ outcome: 'succeeded', attempts: 2, errors: [{}, {}, {}] })
  expect(shown.stdout).toMatch(
    /\nretried +\S+ \(.* ago\)\n[^]*\nbefore it was retried: attempt 1, \S+\nError: number 1[^]*\nbefore it was retried: attempt 2, \S+\nError: number 2[^]*\nattempt 1, \S+\nError: number 3/,
  )
  expect(waiting.stdout).toContain('number 2')
  expect(listed.stdout).toContain('succeeded')
  expect(listed.stdout).not.toContain('number')
})

test('a job is meant by the beginning of its id, where no other begins so', async () => {
  const { run, json } = await open()
  const ids = ['0190a5f0-0000-7000-8000-0000000000a1', '0190a5f0-0000-7000-8000-0000000000a2', newId()] as const
  for (const id of ids) await json('enqueue', 'greet', '{"name":"Ada"}', '--run-after', '1d', '--id', id)

  const shown = await json('job', ids[2].slice(0, 8).toUpperCase())
  const explained = await run(['explain', ids[0]])
  const shortest = await run(['job', '0190a5f0'])
  const none = await run(['explain', '0190a5f1-0'])
  const both = await run(['cancel', ids[2].slice(0, 13), '0190a5f0-0000-7000-8000-0000000000a'])
  const untouched = await json('job', ids[2])
  const ran = await run(['run-now', ids[1], ids[2].slice(0, 13), '0190a5f1'])

  expect(shown.id).toBe(ids[2])
  expect(explained.stdout).toMatch(new RegExp(`^Job ${ids[0]} of task greet`))
  expect([shortest.code, shortest.stderr]).toEqual([
    2,
    `UsageError: Several jobs have an id that begins with "0190a5f0": ${ids[0]}, ${ids[1]}. Give more of it.\n`,
  ])
  expect([none.code, none.stderr]).toEqual([3, expect.stringMatching(/^No job 0190a5f1-0\. It was never enqueued/)])
  expect([both.code, untouched.state]).toEqual([2, 'scheduled'])
  expect([ran.code, ran.stdout]).toEqual([
    3,
    `${ids[1]}  made ready\n${ids[2]}  made ready\n0190a5f1  not made ready: there is no such job\n`,
  ])
})

test('retry, cancel, discard and run-now say of each job what became of it', async () => {
  const { run, json, enqueue } = await open()
  const [failed, ready, later, other] = [
    await enqueue('fail', '"x"'),
    await enqueue('greet', '{"name":"Ada"}', '-q', 'default'),
    await enqueue('greet', '{"name":"Bob"}', '--run-after', '1d'),
    await enqueue('greet', '{"name":"Eve"}', '--run-after', '1d'),
  ]
  await run(['pause', 'default'])
  await run(['drain'])
  const none = newId()

  const retried = await run(['retry', failed, ready, none])
  const ran = await json('run-now', later)
  const cancelled = await json('cancel', ready)
  const discarded = await json('discard', other)
  const again = await run(['discard', other, '--json'])

  expect([retried.code, retried.stdout]).toEqual([
    3,
    `${failed}  retried\n${ready}  not retried: it is ready\n${none}  not retried: there is no such job\n`,
  ])
  expect(ran).toEqual({ count: 1, jobs: [{ id: later, outcome: 'made ready', state: 'ready' }] })
  expect(cancelled).toMatchObject({ jobs: [{ outcome: 'cancelled', state: 'finished' }] })
  expect(discarded).toMatchObject({ jobs: [{ outcome: 'discarded', state: null }] })
  expect([again.code, JSON.parse(again.stdout)]).toEqual([
    3,
    { count: 0, jobs: [{ id: other, outcome: null, state: null }] },
  ])
})

test('bulk moves count with --dry-run, and want a --yes where they cannot be taken back', async () => {
  const { run, json, enqueue } = await open()
  for (const at of ['1h', '2h', '3h']) await enqueue('greet', '{"name":"Ada"}', '--run-after', at)
  await enqueue('fail', '"x"')

  const counted = await json('run-now', '--task', 'greet', '--dry-run')
  const moved = await run(['run-now', '--all'])
  const unconfirmed = await run(['discard', '--state', 'ready', '-q', 'default'])
  const wouldBe = await run(['discard', '--state', 'ready', '-q', 'default', '--dry-run'])
  const discarded = await run(['discard', '--state', 'ready', '-q', 'default', '--yes'])
  const purged = await json('purge', 'mail', '-y')
  const cancelled = await json('cancel', '--all', '--state', 'ready', '-y')

  expect(counted).toEqual({ count: 3, dryRun: true })
  expect(moved.stdout).toBe('3 jobs made ready.\n')
  expect([unconfirmed.code, unconfirmed.stderr]).toEqual([2, expect.stringMatching(/3 ready jobs\?.*--yes/)])
  expect(wouldBe.stdout).toBe('3 ready jobs would be discarded.\n')
  expect(discarded.stdout).toBe('3 jobs discarded.\n')
  expect(purged).toEqual({ count: 1, dryRun: false })
  expect(cancelled).toEqual({ count: 0, dryRun: false })
})

test('queues are listed, paused and resumed', async () => {
  const { run, json, enqueue } = await open()
  await enqueue('fail', '"x"')

  const paused = await run(['pause', 'mail', 'default'])
  const again = await json('pause', 'mail')
  const listed = await json('queues')
  const shown = await run(['queues'])
  const resumed = await run(['resume', 'mail', 'default'])
  const neither = await run(['resume', 'mail'])

  expect(paused.stdout).toBe('mail  paused\ndefault  paused\n')
  expect(again).toEqual([{ queue: 'mail', changed: false, known: true }])
  expect(listed).toMatchObject({
    items: [
      { name: 'default', ready: { count: 0 } },
      { name: 'mail', ready: { count: 1, more: false }, pausedAt: expect.stringMatching(/Z$/) },
    ],
    next: null,
  })
  expect(shown.stdout).toMatch(/^QUEUE +READY +OLDEST WAITS +PAUSED\ndefault +0 +\S+ ago\nmail +1 +\S+ +\S+ ago\n$/)
  expect(resumed.stdout).toBe('mail  resumed\ndefault  resumed\n')
  expect([neither.code, neither.stdout]).toEqual([0, 'mail  was not paused\n'])
})

test('a pause of a queue that nothing names warns, and pauses it all the same', async () => {
  const { run, enqueue } = await open(
    `workers: { all: { queues: ['urgent', '*'] } }, recurring: { nightly: { task: task('greet'), schedule: '@daily', queue: 'night' } }`,
  )
  await enqueue('greet', '{"name":"Ada"}', '-q', 'bulk')
  const warning = 'No job waits in "mial", and no task, recurring task or worker names it.'

  const mistyped = await run(['pause', 'mial', 'night'])
  const again = await run(['pause', 'mial', '--json'])
  const ofJobs = await run(['pause', 'bulkk'])
  const unlike = await run(['pause', 'reports'])
  const resumed = await run(['resume', 'mial'])

  expect([mistyped.code, mistyped.stdout]).toEqual([0, 'mial  paused\nnight  paused\n'])
  expect(mistyped.stderr).toBe(`${warning} Did you mean "mail"?\n`)
  expect(again.stderr).toBe(mistyped.stderr)
  expect(JSON.parse(again.stdout)).toEqual([{ queue: 'mial', changed: false, known: false }])
  expect(ofJobs.stderr).toMatch(/Did you mean "bulk"\?\n$/)
  expect(unlike.stderr).toMatch(/There are: default, mail, night, urgent, bulk\.\n$/)
  expect([resumed.code, resumed.stdout, resumed.stderr]).toEqual([0, 'mial  resumed\n', ''])
})

test('clear deletes what is past its retention, or older than it is told', async () => {
  const { run, json, enqueue } = await open()
  await enqueue('greet', '{"name":"Ada"}')
  await enqueue('fail', '"x"')
  await run(['drain'])

  const kept = await json('clear')
  const wouldBe = await json('clear', '--older-than', '0s', '--dry-run')
  const unconfirmed = await run(['clear', '--older-than', '0s'])
  const finished = await json('clear', '--older-than', '0s', '--yes')
  const unset = await run(['clear', '--state', 'failed'])
  const failed = await json('clear', '--state', 'failed', '--older-than', '0s', '--yes')

  expect(kept).toEqual({ count: 0, dryRun: false })
  expect(wouldBe).toEqual({ count: 1, more: false, dryRun: true })
  expect([unconfirmed.code, unconfirmed.stderr]).toEqual([2, expect.stringMatching(/Delete 1 finished job\?.*--yes/)])
  expect(finished).toEqual({ count: 1, dryRun: false })
  expect([unset.code, unset.stderr]).toEqual([2, expect.stringMatching(/clearFailedJobsAfter.*--older-than/)])
  expect(failed).toEqual({ count: 1, dryRun: false })
  expect(await json('jobs')).toMatchObject({ items: [], next: null, more: false })
})

test('drain performs until nothing is ready or due, and says what it had to leave', async () => {
  const { run, enqueue } = await open()
  await enqueue('greet', '{"name":"Ada"}')
  await enqueue('greet', '{"name":"Bob"}', '--run-after', '1d')
  await enqueue('fail', '"x"')
  await run(['pause', 'mail'])

  const { code, stdout } = await run(['drain'])

  expect([code, stdout]).toEqual([
    0,
    '1 job succeeded, 0 failed, 0 will run again.\n1 ready remain: their queues are paused, or no worker serves them. `steadytick explain` says why.\n1 are scheduled for later.\n',
  ])
})

test('keys are listed with who holds them and how many wait', async () => {
  const { run, json, enqueue } = await open()
  const first = await enqueue('one', '"a"')
  await enqueue('one', '"a"')
  await enqueue('one', '"b"')
  const skipped = await run(['enqueue', 'never', 'null'])
  const full = await run(['enqueue', 'never', 'null'])
  const blocked = (await json('jobs', '--state', 'blocked')).items[0].id

  const shown = await run(['keys'])
  const holders = await json('keys', 'one/a')
  const explained = await run(['explain', blocked])
  const none = await run(['keys', 'one/z'])
  const paged = await run(['keys', '--limit', '1'])
  const cancelled = await json('cancel', '--state', 'blocked', '--all', '--yes')

  expect(shown.stdout).toMatch(/^KEY +LIMIT +HELD +WAITING\nnever\/all +1 +1\none\/a +1 +1 +1\none\/b +1 +1\n$/)
  expect(holders).toMatchObject([{ id: first, task: 'one', state: 'ready' }])
  expect(explained.stdout).toMatch(
    new RegExp(`is blocked\\.\nIts key "one/a" is full: it is held by job ${first} \\(ready`),
  )
  expect([none.code, none.stdout]).toEqual([3, 'No job holds this key.\n'])
  expect(paged.stdout).toMatch(/go on with --after 'never\/all'/)
  expect([skipped.code, full.code]).toEqual([0, 0])
  expect(full.stdout).toBe(`skipped: its key is held by ${skipped.stdout.split(' ')[0]}\n`)
  expect(cancelled.count).toBe(1)
})

test('invocations are listed with their lease and jobs', async () => {
  const { file, run, json, enqueue } = await open()
  const id = await enqueue('greet', '{"name":"Ada"}')
  const nobody = await run(['invocations'])
  const invocationId = newId()
  const database = new DatabaseSync(file)
  database.exec(`
    delete from steadytick_ready_executions;
    insert into steadytick_processes (id, worker, name, started_at, last_heartbeat_at, lease_expires_at)
      values ('${invocationId}', 'default', 'host:\u001b[31m1', ${Date.now() - 60_000}, 0, ${Date.now() - 1000});
    insert into steadytick_claimed_executions (job_id, process_id, claim, created_at) values ('${id}', '${invocationId}', 1, 0)`)
  database.close()

  const shown = await run(['invocations'])

  expect(nobody.stdout).toBe('No job is performed now.\n')
  expect(await json('invocations')).toMatchObject([{ id: invocationId, lost: true, jobs: [{ id, task: 'greet' }] }])
  // Without the colour that the name holds.
  expect(shown.stdout).toMatch(
    new RegExp(`\\n${invocationId} +default +host:1 +1m(?: \\ds)? ago +expired \\ds ago +${id} greet\\n$`),
  )
})

test('a list of so long ago goes on, although that is longer ago by then', async () => {
  const { json, enqueue } = await open()
  const ids = [await enqueue('greet', '{"name":"Ada"}'), await enqueue('greet', '{"name":"Bob"}')]

  const page = await json('jobs', '--state', 'ready', '--since', '1h', '-n', '1')
  const rest = await json('jobs', '--state', 'ready', '--since', '1h', '-n', '1', '--after', page.next)

  expect([page, rest].map(({ items }) => items.map(({ id }: { id: string }) => id))).toEqual([[ids[0]], [ids[1]]])
})

test('a nudge of the config is waited for', async () => {
  const file = join(newFolder(), 'queue.db')
  const connect = `{
    driver: sqlite('${file}'),
    nudge: async () => { await new Promise((resolve) => setTimeout(resolve, 200)); console.error('nudged') },
  }`
  const config = configOf(tasks, { connect })
  await steadytick(['migrate', '--config', config])

  const { code, stderr } = await steadytick(['enqueue', 'greet', '{}', '--config', config])

  expect([code, stderr]).toEqual([0, 'nudged\n'])
})

test('bash completes by it, and evaluates nothing of what is typed', async () => {
  const folder = newFolder()
  const complete = (...words: readonly string[]) =>
    promisify(execFile)('bash', [
      '-c',
      `steadytick() { "${process.execPath}" "${resolve('src/cli/steadytick.ts')}" "$@"; }
      source <(steadytick completion bash)
      COMP_WORDS=(steadytick "$@"); COMP_CWORD=$#
      cd "${folder}"; _steadytick; printf '%s\\n' "\${COMPREPLY[@]}"; ls "${folder}"`,
      'bash',
      ...words,
    ])

  const { stdout } = await complete('retry', '--ta')
  const injected = await complete('retry', '$(touch pwned)', '>', 'pwned', '--ta')

  expect([stdout, injected.stdout]).toEqual(['--task\n', '--task\n'])
})

test.each([
  [[''], false],
  [['q'], false],
  [['queues', ''], false],
  [['jobs', '--state', ''], false],
  [['enqueue', '-'], false],
  [['enqueue', ''], true],
  [['purge', 'd'], true],
  [['pause', 'a', 'b'], true],
  [['resume', ''], true],
  [['jobs', '--task', ''], true],
  [['jobs', '-q', ''], true],
  [['jobs', '--queue=d'], true],
])('completing %j runs the config of the folder: %s', async (words, runs) => {
  const folder = newFolder()
  writeFileSync(
    join(folder, 'steadytick.config.mjs'),
    `import { writeFileSync } from 'node:fs'
    writeFileSync('ran', '')`,
  )

  await steadytick(['complete', '--', ...words], {}, '', folder)

  expect(existsSync(join(folder, 'ran'))).toBe(runs)
})

test('names of commands, options, tasks and queues are completed', async () => {
  const offered = async (...words: readonly string[]) =>
    (await steadytick(['complete', '--', ...words])).stdout
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(':'))
      .map((line) => line.split('\t')[0])

  const scripts = await Promise.all(['bash', 'zsh', 'fish'].map((shell) => steadytick(['completion', shell])))

  expect(scripts.map(({ code, stdout }) => [code, stdout.includes('steadytick')])).toEqual(scripts.map(() => [0, true]))
  expect(await offered('re')).toEqual(['recurring', 'retry', 'resume'])
  expect(await offered('jobs', '--st')).toEqual(['--state'])
  expect(await offered('jobs', '--state', 'f')).toEqual(['failed', 'finished'])
  expect(await offered('enqueue', 'd')).toEqual(['deliver-webhook'])
  expect(await offered('recurring', 'create', '--task', 'd')).toEqual(['deliver-webhook'])
  expect(await offered('recurring', 'c')).toEqual(['create'])
  expect(await offered('retry', '--task', '')).toEqual(['import-contacts', 'deliver-webhook'])
  expect(await offered('pause', '')).toEqual(['default', 'webhooks'])
})

const id = '0190a5f0-0000-7000-8000-000000000001'
/** Nothing is stored there. */
let refusing: ReturnType<typeof open>
beforeAll(() => {
  refusing = open()
})

test.each([
  ['enqueue', ['gret', '{}'], 2, /no task "gret"\. Did you mean "greet"\?/],
  ['enqueue', ['something', '{}'], 2, /no task "something"\. There are: greet, one, never, fail\./],
  ['enqueue', ['greet', "{'name'}"], 2, /payload is no JSON.*single quotes/],
  ['enqueue', ['greet', '{}', '-q', 'nowhere'], 2, /queue: "nowhere" is not declared; there are default, mail/],
  ['enqueue', ['greet', '{}', '-p', '101'], 2, /from -100 to 100/],
  ['enqueue', ['greet', '{}', '--run-after', 'soon'], 2, /5m or 2d, or an instant/],
  ['enqueue', ['greet', '{}', '--id', '1'], 2, /use a UUID in lower case/],
  ['enqueue', [], 2, /missing required argument 'task'/],
  ['jobs', ['--state', 'stuck'], 2, /Allowed choices are claimed, ready, blocked, scheduled, failed, finished/],
  ['keys', ['--limit', 'x'], 2, /from 1 to 1000/],
  ['jobs', ['--limit', '0'], 2, /from 1 to 1000/],
  ['jobs', ['--since', 'yesterday'], 2, /as in 2h/],
  ['jobs', ['--state', 'ready', '--after', 'x'], 2, /after: it is not the `next`/],
  ['jobs', ['--after', 'x'], 2, /--after goes on with a list of one state: say --state/],
  ['jobs', ['--state', 'ready', '--fingerprint', 'greet/1'], 2, /only what has failed/],
  ['job', ['1'], 2, /job id is a UUID/],
  ['job', ['0190a5f'], 2, /first 8 characters/],
  ['job', ['0190a5f0-00x'], 2, /job id is a UUID/],
  ['job', [id], 3, /^No job 0190a5f0/],
  ['explain', ['1'], 2, /job id is a UUID/],
  ['explain', [id], 3, /^No job 0190a5f0/],
  ['queues', ['mail'], 2, /too many arguments/],
  ['failures', ['--task', 'x'], 2, /unknown option '--task'/],
  ['invocations', ['--state', 'x'], 2, /unknown option '--state'/],
  ['retry', [], 2, /Which jobs\? .*--all/],
  ['retry', [id, '--all'], 2, /Give either ids, or a filter, or --all/],
  ['retry', ['1'], 2, /job id is a UUID/],
  ['retry', [id, '--dry-run'], 2, /--dry-run counts what a filter means/],
  ['retry', ['--all', '--state', 'ready'], 2, /unknown option '--state'/],
  ['run-now', [], 2, /Which jobs\?/],
  ['cancel', ['--all'], 2, /Say --state ready or scheduled or blocked or claimed/],
  ['discard', ['--all', '--state', 'claimed'], 2, /Allowed choices are ready, scheduled, blocked, failed/],
  ['discard', ['-q', 'mail'], 2, /Say --state/],
  ['pause', [], 2, /missing required argument 'queues'/],
  ['pause', ['mial'], 2, /no queue "mial"\. Did you mean "mail"\?/],
  ['resume', ['mial'], 2, /no queue "mial"/],
  ['purge', ['mial', '--yes'], 2, /no queue "mial"/],
  ['clear', ['--older-than', 'ages'], 2, /Use a duration/],
  ['clear', ['--state', 'ready'], 2, /Allowed choices are finished, failed/],
  ['drain', ['mail'], 2, /too many arguments/],
  ['completion', ['csh'], 2, /Allowed choices are bash, zsh, fish/],
] as const)(
  '%s %j: a message that says the way out, and nothing on standard output',
  async (command, args, code, message) => {
    const { run } = await refusing

    const ended = await (command === 'completion' ? steadytick([command, ...args]) : run([command, ...args]))

    expect([ended.code, ended.stdout]).toEqual([code, ''])
    expect(ended.stderr).toMatch(message)
    expect(ended.stderr).not.toMatch(/\n {4}at /)
  },
)

test('a database without tables, and one that something else has locked, are said to be', async () => {
  const { file, run } = await open()
  const other = new DatabaseSync(file)
  onTestFinished(() => other.close())
  other.exec('begin immediate')

  const locked = await run(['enqueue', 'greet', '{}'])
  const empty = newFile()
  writeFileSync(empty, '')
  const unmigrated = await steadytick(['jobs'], { DATABASE_URL: `file:${empty}` })
  other.exec('rollback; update steadytick_schema set version = 99, serves_from = 99')
  const tooNew = await run(['jobs'])

  expect([locked.code, locked.stderr]).toEqual([
    1,
    expect.stringMatching(/queue\.db: database is locked\n.*try again later/),
  ])
  expect([unmigrated.code, unmigrated.stderr]).toEqual([
    1,
    expect.stringMatching(
      /^SchemaError: SQLite \S+ has no tables of the queue with the prefix "steadytick_"\..*steadytick migrate/,
    ),
  ])
  expect([tooNew.code, tooNew.stderr]).toEqual([1, expect.stringMatching(/schema 99.*Deploy the newer code/)])
})

test('on Postgres, too', async () => {
  const schema = `cli_${newId().replaceAll('-', '')}`
  const config = configOf(tasks, { connect: `{ driver: pg('${inject('postgresUrl')}', { schema: '${schema}' }) }` })
  const run = (...args: readonly string[]) => steadytick([...args, '--config', config])
  await run('migrate')

  const enqueued = await run('enqueue', 'fail', '"http://a.test"', '--json')
  const drained = await run('drain', '--json')
  const failed = await run('failures', '--json')
  const jobs = await run('jobs', '--state', 'failed', '--json')

  expect(JSON.parse(drained.stdout)).toMatchObject({ failed: 1 })
  expect(JSON.parse(failed.stdout)).toMatchObject([{ latest: { id: JSON.parse(enqueued.stdout).id } }])
  expect(JSON.parse(jobs.stdout)).toMatchObject({ items: [{ state: 'failed' }], next: null })
})
