import { expect, test } from 'vitest'
import { commandLine } from '../support/command-line.ts'

const nasty = 'a\nb\u001b[2J\u0085\u009b2J\u009d\u061c\u200e\u202e\u2066\u2028\u2029'

test('what a job says moves no cursor, begins no line, and is the same text for programs', async () => {
  const { run, json } = await commandLine(`task('say', { run: (text: string) => { throw new Error(text) } })`, '')
  const { id } = await json('enqueue', 'say', JSON.stringify(nasty))
  const ticked = await run(['tick'])

  const forPrograms = await run(['job', id, '--json'])
  const forPeople = await run(['failures'])

  for (const { stdout } of [ticked, forPrograms, forPeople]) expect(stdout).toMatch(/^[\n\u0020-\u007e]+$/)
  expect(ticked.stderr).toMatch(/^[\n\u0020-\u007e]+$/)
  expect(JSON.parse(forPrograms.stdout)).toMatchObject({ payload: nasty, errors: [{ message: nasty }] })
})
