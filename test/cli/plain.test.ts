import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { plain } from '../../src/cli/report.ts'
import { shellWord } from '../../src/cli/shell-word.ts'
import { newFolder } from '../support/folders.ts'

test.each([
  ['a colour', '\u001b[1;31mred\u001b[39m', 'red'],
  ['a colour in eight bits', '\u009b31mred', 'red'],
  ['a title', '\u001b]0;pwned\u0007shown', 'shown'],
  ['a link', '\u001b]8;;http://a.test\u001b\\shown\u001b]8;;\u001b\\', 'shown'],
  ['a sequence that does not end', '\u001b]0;title', ' ]0;title'],
  ['lines', 'a\r\n\tb', 'a b'],
  ['directions', 'a\u202eb\u2066c\u061cd\u200fe', 'abcde'],
  ['zero width', 'de\u200bfa\u2060u\ufefflt\u00ad', 'default'],
  ['tags', 'a\u{e0041}\u{e007f}b', 'ab'],
  ['fillers', 'a\u3164\u115fb', 'ab'],
  ['what is shown', 'größe 漢字 👍 a-b', 'größe 漢字 👍 a-b'],
])('%s is left out of what is printed', (_, text, shown) => {
  expect(plain(text)).toBe(shown)
})

test('a text is cut to what is shown, and never within a character', () => {
  expect(plain('abcdef', 6)).toBe('abcdef')
  expect(plain('abcdefg', 6)).toBe('abcde…')
  expect(plain('abcd👍fg', 6).isWellFormed()).toBe(true)
  expect(plain(`${'\u001b[31m'.repeat(100)}late`, 6)).toBe('late')
})

test.each([
  ['titles', '\u001b]'],
  ['colours', '\u001b[0'],
  ['parameters', '\u001b]0;1;'],
  ['titles in eight bits', '\u009d'],
  ['colours in eight bits', '\u009b0'],
])('200 KB of %s that do not end take no time', (_, part) => {
  const text = part.repeat(200_000 / part.length)

  const began = performance.now()
  plain(text)

  expect(performance.now() - began).toBeLessThan(1000)
})

const dangerous = [
  `\\'; touch pwned; echo \\'`,
  `'; touch pwned; '`,
  '$(touch pwned)',
  '`touch pwned`',
  '\\\\',
  'a b',
  '!x',
  '',
]

test.each(dangerous)('%j is one word, in bash that very text', (text) => {
  const folder = newFolder()

  const shown = execFileSync('bash', ['-c', `printf %s ${shellWord(text, {}) ?? ''}`], {
    cwd: folder,
    encoding: 'utf8',
  })

  expect([shown, readdirSync(folder)]).toEqual([text, []])
})

test('no quote nor backslash is left to what a shell thinks of it', () => {
  // bash, zsh and fish read these alike: within single quotes fish takes \' and \\ for escapes.
  expect(shellWord(`a\\'b`, {})).toBe(`'a'\\\\''\\''b'`)
})

test.each(['a  b', 'a\nb', 'a\u200bb', '\u001b[31mred', ' a\u00a0'])(
  '%j, which is shown as another, is no word',
  (text) => {
    expect(shellWord(text, {})).toBeNull()
  },
)

test('where the shell may be PowerShell, only what means the same there is a word', () => {
  const env = { PSModulePath: '/opt/microsoft/powershell' }

  expect(shellWord('deliver-webhook/a3f09c11', env)).toBe(`'deliver-webhook/a3f09c11'`)
  for (const text of [...dangerous, '\u2019; touch pwned'].filter((each) => each !== ''))
    expect(shellWord(text, env)).toBeNull()
})
