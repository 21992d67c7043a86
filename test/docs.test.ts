import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { newFolder } from './support/folders.ts'
import { type Block, blocksOf, linksOf } from './support/pages.ts'
import { startSteadytick } from './support/steadytick.ts'
import { compile, newUserFolder } from './support/user-folder.ts'

const run = promisify(execFile)

const pages = readdirSync('docs')
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)

/** What the pages tell to install, beside what the package brings itself. */
const libraries = [
  'zod',
  'pg',
  '@types/pg',
  '@neondatabase/serverless',
  'drizzle-orm',
  'vitest',
  'jest',
  '@jest/globals',
  'wrangler',
]

const read = (page: string): Block[] => blocksOf(readFileSync(page, 'utf8'))

describe('the files of each page are a project', () => {
  let modules: string
  beforeAll(async () => {
    modules = join(await newUserFolder(libraries), 'node_modules')
  })

  /** The folder of a reader's: with the package, and all that a page may tell to install. */
  const readerFolder = (): string => {
    const folder = newFolder()
    symlinkSync(modules, join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    return folder
  }

  test.each(pages.filter((page) => read(page).some(({ file }) => file !== null)))(
    '%s: they compile, and print what it says',
    async (page) => {
      const folder = readerFolder()
      // A page may write a file anew: what stood there before must have compiled, too.
      let written = new Set<string>()
      const compileWritten = async () => {
        await compile(folder, { files: [...written], skipLibCheck: true })
        written = new Set()
      }

      const blocks = read(page)
      for (const [index, { language, code, file }] of blocks.entries()) {
        if (file !== null) {
          if (written.has(file)) await compileWritten()
          mkdirSync(dirname(join(folder, file)), { recursive: true })
          writeFileSync(join(folder, file), code)
          written.add(file)
        } else if (code === 'npx steadytick start\n' && existsSync(join(folder, 'steadytick.config.ts'))) {
          const started = await startSteadytick({}, [], folder)
          onTestFinished(async () => {
            await started.stop('SIGTERM')
          })
        }
        const program = /^node (\S+\.ts)\n$/.exec(code)?.[1]
        const prints = blocks[index + 1]
        if (language === 'sh' && program !== undefined && prints?.language === 'text') {
          const { stdout } = await run(process.execPath, [program], { cwd: folder })
          expect(stdout).toBe(prints.code)
        }
      }
      await compileWritten()
    },
  )
})

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of readFileSync(page, 'utf8')
    .replaceAll(/^ *```[^]*?^ *```$/gm, '')
    .matchAll(/^#+ (.*)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    let free = anchor
    for (let count = 1; anchors.has(free); count += 1) free = `${anchor}-${count}`
    anchors.add(free)
  }
  return anchors
}

/** Begins the link to a file that the package does not have. */
const repository = 'https://github.com/steadytick/steadytick/blob/main/'

test.each(['README.md', 'SECURITY.md', ...pages])('%s: every link leads somewhere', (page) => {
  const links = linksOf(readFileSync(page, 'utf8'))

  const broken = links.filter((link) => {
    if (link.startsWith(repository)) return !existsSync(link.slice(repository.length))
    if (/^[a-z]+:/.test(link)) return false
    const [path, anchor] = link.split('#')
    const target = path === '' ? page : join(dirname(page), path as string)
    if (!existsSync(target)) return true
    return anchor !== undefined && !anchorsOf(target).has(anchor)
  })

  expect(broken).toEqual([])
})

test('the index of the guides has every guide', () => {
  const index = readFileSync('docs/README.md', 'utf8')

  const missing = pages.filter((page) => page !== 'docs/README.md' && !index.includes(`](${page.slice(5)})`))

  expect(missing).toEqual([])
})
