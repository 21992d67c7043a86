import { expect, test } from 'vitest'
import { commandLine } from '../support/command-line.ts'
import { configOf } from '../support/config-file.ts'
import { newFile } from '../support/folders.ts'
import { steadytick } from '../support/steadytick.ts'

const tasks = `
  task('greet', { run: ({ name }: { name: string }) => 'Hello, ' + name }),
  task('clean', { queue: 'mail', run: (_) => 'clean' })`

/** Its definition has the recurring task `nightly`. */
const open = () =>
  commandLine(
    tasks,
    `recurring: {
      nightly: { task: task('greet', { run: () => {} }), payload: { name: 'Ada' }, schedule: '0 3 * * *', timeZone: 'Europe/Madrid' },
    }`,
  )

test('recurring lists what the first tick of a deployment wrote, with last and next run', async () => {
  const { run, json } = await open()
  const before = await run(['recurring'])
  await run(['tick', 'schedule'])

  const listed = await json('recurring')
  const told = await run(['recurring'])
  const shown = await run(['recurring', 'show', 'nightly'])

  expect(before.stdout).toBe(
    'There are no recurring tasks. Those of the definition are written by the first tick of a deployment.\n',
  )
  expect(listed).toEqual({
    items: [
      {
        key: 'nightly',
        task: 'greet',
        payload: { name: 'Ada' },
        schedule: '0 3 * * *',
        timeZone: 'Europe/Madrid',
        queue: null,
        priority: null,
        catchUp: 'latest',
        description: null,
        static: true,
        enabled: true,
        removedAt: null,
        lastRunAt: null,
        nextRunAt: expect.stringMatching(/T0[12]:00:00\.000Z$/),
        asDefined: true,
      },
    ],
    next: null,
  })
  expect(told.stdout).toMatch(
    /^KEY +TASK +SCHEDULE +ZONE +LAST RUN +NEXT RUN\nnightly +greet +0 3 \* \* \* +Europe\/Madrid +in .+\n$/,
  )
  expect(shown.stdout).toMatch(/\nnext run +\S+T0[12]:00:00\.000Z \(in .*\), \d{4}-\d\d-\d\d 03:00 Europe\/Madrid\n/)
})

test('a recurring task is created, shown, edited, run, disabled, enabled and deleted', async () => {
  const { run, json } = await open()
  const created = await run(
    ['recurring', 'create', 'clean', '-t', 'clean', '-s', '* * * * *', '-q', 'slow', '-p', '0', '--payload', '-'],
    '{"deep":true}',
  )
  const shown = await json('recurring', 'show', 'clean')
  const edited = await run(['recurring', 'edit', 'clean', '-s', '0 0 1 1 *', '--no-queue', '--description', 'Tidy up'])
  const { id } = await json('recurring', 'run-now', 'clean')
  const job = await json('job', id)
  const disabled = await run(['recurring', 'disable', 'clean'])
  const told = await run(['recurring', 'show', 'clean'])
  await json('recurring', 'enable', 'clean')
  const inUtc = await run(['recurring', 'show', 'clean'])
  await json('recurring', 'disable', 'clean')
  const enabled = await json('recurring', 'enable', 'clean')
  const deleted = await json('recurring', 'delete', 'clean', '--yes')

  expect([created.code, created.stdout]).toEqual([0, 'clean  created\n'])
  expect(shown).toMatchObject({ schedule: '* * * * *', queue: 'slow', priority: 0, static: false, occurrences: [] })
  expect([edited.code, edited.stdout]).toEqual([0, 'clean  edited\n'])
  expect(job).toMatchObject({ task: 'clean', queue: 'mail', priority: 0, payload: { deep: true } })
  expect(disabled.stdout).toBe('clean  disabled\n')
  expect(told.stdout).toMatch(/what +Tidy up\n/)
  expect(told.stdout).toMatch(/queue +the task's\n/)
  expect(told.stdout).toMatch(/next run +disabled\n/)
  expect(inUtc.stdout).toMatch(/next run +\S+-01-01T00:00:00.000Z \(in .*\)\n/)
  expect(told.stdout).toContain('No occurrence is recorded.')
  expect(enabled).toEqual([{ key: 'clean', changed: true }])
  expect(deleted).toEqual([{ key: 'clean', changed: true }])
  expect(await json('recurring')).toEqual({ items: [], next: null })
})

test('what cannot be done is said, and ends with a code of its own', async () => {
  const { run } = await open()
  await run(['tick'])
  const create = (...args: readonly string[]) => run(['recurring', 'create', ...args])
  const endings = {
    wrong: await create('a b', '-s', '* * * * * *', '-z', 'Mars'),
    unknownTask: await create('x', '-t', 'gret', '-s', '@daily'),
    noJson: await create('x', '-t', 'greet', '-s', '@daily', '--payload', '{'),
    taken: await create('nightly', '-t', 'clean', '-s', '@daily'),
    ofDefinition: await run(['recurring', 'edit', 'nightly', '-p', '1']),
    undeletable: await run(['recurring', 'delete', 'nightly', '--yes']),
    unasked: await run(['recurring', 'delete', 'nightly']),
    created: await run(['recurring', 'create', 'mine', '--task', 'clean', '--schedule', '@daily']),
    unconfirmed: await run(['recurring', 'delete', 'nightly', 'mine']),
    unknownKey: await run(['recurring', 'edit', 'none', '-p', '1']),
    unknownShown: await run(['recurring', 'show', 'none']),
    unknownRun: await run(['recurring', 'run-now', 'none']),
    unknownDisabled: await run(['recurring', 'disable', 'nightly', 'none']),
    again: await run(['recurring', 'disable', 'nightly']),
    unchanged: await run(['recurring', 'edit', 'nightly']),
    unknownCommand: await run(['recurring', 'bogus']),
    wrongChoice: await run(['recurring', 'edit', 'nightly', '--catch-up', 'some']),
  }

  expect(Object.fromEntries(Object.entries(endings).map(([name, { code }]) => [name, code]))).toEqual({
    wrong: 2,
    unknownTask: 2,
    noJson: 2,
    taken: 3,
    ofDefinition: 3,
    undeletable: 3,
    unasked: 3,
    created: 0,
    unconfirmed: 2,
    unknownKey: 3,
    unknownShown: 3,
    unknownRun: 3,
    unknownDisabled: 3,
    again: 0,
    unchanged: 2,
    unknownCommand: 2,
    wrongChoice: 2,
  })
  for (const problem of ['key: "a b"', 'six fields', 'timeZone: "Mars"', 'task: missing; there are greet, clean'])
    expect(endings.wrong.stderr).toContain(problem)
  expect(endings.unknownTask.stderr).toContain('Did you mean "greet"?')
  expect(endings.taken.stderr).toContain('There is a recurring task "nightly" already')
  expect(endings.ofDefinition.stderr).toContain('comes from a definition')
  expect(endings.undeletable.stdout).toBe(
    'nightly  comes from a definition: remove it there, and wait an hour, or disable it\n',
  )
  expect(endings.unasked).toEqual(endings.undeletable)
  expect(endings.unconfirmed.stderr).toMatch(/Delete "mine"\?.*say --yes\./)
  expect(endings.unknownDisabled.stdout).toBe('nightly  disabled\nnone  is not there\n')
})

test('a step back holds once it is applied, and the list says that it does not before', async () => {
  const env = { DATABASE_URL: `file:${newFile()}` }
  const configs = ['0 1 * * *', '0 2 * * *'].map((schedule) =>
    configOf(tasks, {
      queue: `recurring: { nightly: { task: task('clean', { run: () => {} }), schedule: '${schedule}' } }`,
    }),
  )
  const run = (args: readonly string[], version: number) =>
    steadytick([...args, '--config', configs[version] as string], env)
  await run(['migrate'], 0)
  await run(['tick'], 0)
  await run(['tick'], 1)
  await run(['tick'], 0)

  const before = await run(['recurring', 'list'], 0)
  const applied = await run(['recurring', 'apply'], 0)
  await run(['tick'], 1)
  const after = await run(['recurring'], 0)

  expect(before.stdout).toMatch(/nightly +clean +0 2 \* \* \*[^]*Not as this definition has them: nightly\./)
  expect([applied.code, applied.stdout]).toEqual([
    0,
    'The recurring tasks are as this definition has them, for as long as its ticks come.\n',
  ])
  expect(after.stdout).toMatch(/nightly +clean +0 1 \* \* \*/)
  expect(after.stdout).not.toContain('Not as')
})

test('a job says which recurring task enqueued it, and is found by it', async () => {
  const env = { DATABASE_URL: `file:${newFile()}` }
  const config = configOf(tasks, {})
  const run = (args: readonly string[]) => steadytick([...args, '--config', config], env)
  await run(['migrate'])
  await run([
    'recurring',
    'create',
    'minutely',
    '--task',
    'greet',
    '--schedule',
    '* * * * *',
    '--payload',
    '{"name":"a"}',
  ])

  const none = await run(['jobs', '--recurring', 'minutely', '--json'])

  expect([none.code, none.stdout]).toEqual([0, expect.stringContaining('[]')])
})
