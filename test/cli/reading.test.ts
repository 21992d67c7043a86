import { expect, test } from 'vitest'
import { commandLine } from '../support/command-line.ts'

const open = () => commandLine(`task('greet', { run: (_) => {} })`, '')

test.each([
  ['enqueue', ['enqueue', 'greet', '{"id":9007199254740993}']],
  [
    'recurring create',
    ['recurring', 'create', 'k', '-t', 'greet', '-s', '@daily', '--payload', '{"id":9007199254740993}'],
  ],
  ['recurring edit', ['recurring', 'edit', 'k', '--payload', '{"id":9007199254740993}']],
])('%s refuses a number that would be stored as another', async (_, args) => {
  const { run } = await open()

  const { code, stderr } = await run(args)

  expect([code, stderr]).toEqual([
    2,
    'PayloadError: payload.id: 9007199254740993 does not fit into a number; send it as a text\n',
  ])
})

test.each([
  ['bytes that are not UTF-8', Buffer.from('"a\xff\xfe\xc3b"', 'latin1'), /The payload is no JSON: it is not UTF-8/],
  ['a number that does not fit', Buffer.from('[1e400]'), /payload\[0\]: 1e400 does not fit/],
])('enqueue refuses %s on standard input', async (_, input, message) => {
  const { run, json } = await open()

  const { code, stderr } = await run(['enqueue', 'greet', '-'], input)

  expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
  expect(await json('jobs', '--state', 'ready')).toMatchObject({ items: [] })
})

test('a minus before a zero is no number of its own', async () => {
  const { run, json } = await open()
  const { id } = await json('enqueue', 'greet', '-0')

  expect(await json('job', id)).toMatchObject({ payload: 0 })
  expect((await run(['job', id])).stdout).toMatch(/payload +0\n/)
})

test.each([
  ['--run-after', ['enqueue', 'greet']],
  ['--since', ['jobs', '--state', 'ready']],
  ['--until', ['jobs', '--state', 'ready']],
])('%s takes an instant that exists and has a zone', async (option, args) => {
  const { run } = await open()

  const ended = await Promise.all(
    ['2027-02-30T10:00:00Z', '2027-02-03T10:00:00', '2027-02-03', 'soon'].map((when) => run([...args, option, when])),
  )

  expect(ended.map(({ code }) => code)).toEqual([2, 2, 2, 2])
  expect(ended.map(({ stderr }) => stderr)).toEqual([
    expect.stringMatching(/on a day that the calendar does not have/),
    expect.stringMatching(/has no zone; end it with Z for UTC/),
    expect.stringMatching(/is no instant; write it as in 2026-11-01T12:00:00Z/),
    expect.stringMatching(/or an instant, as in 2026-11-01T12:00:00Z/),
  ])
})
