import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { newFolder } from './folders.ts'

const run = promisify(execFile)
const tsc = resolve('node_modules/typescript/bin/tsc')

interface Manifest {
  readonly files: readonly string[]
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>
}
const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/**
 * The package as it is published: a tarball. It is built in a folder of its own, since tests that run at the same time
 * build it, too.
 */
async function pack(): Promise<string> {
  const folder = newFolder()
  const written = manifestOf('.').files.filter((name) => name !== 'dist')
  for (const name of [...written, 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md', 'LICENSE'])
    cpSync(name, join(folder, name), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  await run(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: folder })
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts'], { cwd: folder })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  return join(folder, filename)
}

let packed: Promise<string> | undefined

/** What npm installs with the package: its dependencies, and the peers that are required. */
const broughtBy = ({ dependencies, peerDependencies, peerDependenciesMeta }: Manifest): string[] => [
  ...Object.keys(dependencies),
  ...Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true),
]

/**
 * A folder of a user's, with the package as it is published, and what the user installed beside it.
 *
 * @param beside names of what is installed here
 * @param instead the names here of what the folder has under another name; null: the folder does not have it
 */
export async function newUserFolder(
  beside: readonly string[] = [],
  instead: Readonly<Record<string, string | null>> = {},
): Promise<string> {
  const folder = newFolder()
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'steadytick'), { recursive: true })
  packed ??= pack()
  await run('tar', ['xzf', await packed, '--strip-components=1', '-C', join(modules, 'steadytick')])
  for (const name of [...broughtBy(manifestOf(join(modules, 'steadytick'))), 'typescript', '@types/node', ...beside]) {
    const source = instead[name] === undefined ? name : instead[name]
    if (source === null) continue
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(resolve('node_modules', source), join(modules, name))
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}

/**
 * Compiles the TypeScript of a user's folder; writes nothing but its tsconfig.json.
 *
 * @param files default: all
 * @param skipLibCheck whether what packages declare is left unchecked
 * @param flags further ones of the compiler
 * @returns what the compiler prints
 * @throws Error with what the compiler says
 */
export async function compile(
  folder: string,
  {
    files,
    skipLibCheck = false,
    flags = [],
  }: { files?: readonly string[]; skipLibCheck?: boolean; flags?: readonly string[] } = {},
): Promise<string> {
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        target: 'esnext',
        module: 'nodenext',
        types: ['node'],
        allowImportingTsExtensions: true,
        skipLibCheck,
      },
      files,
    }),
  )
  const { stdout } = await run(process.execPath, [tsc, ...flags], { cwd: folder }).catch(
    (error: { stdout: string }) => {
      throw new Error(error.stdout, { cause: error })
    },
  )
  return stdout
}
