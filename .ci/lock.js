#!/usr/bin/env node
// Writes package-lock.json anew. Run it after a change of dependencies: node .ci/lock.js && npm ci
//
// npm leaves a platform's binding out of the lock when the registry at hand does not have it, and then `npm ci` refuses
// the lock. Such bindings are added by their name, as optional packages of that platform: where they are not needed,
// they are skipped; where they are, they are installed from a registry that has them.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// In an empty folder: beside node_modules, npm would lock only the platform it runs on.
const folder = mkdtempSync(join(tmpdir(), 'lock-'))
for (const name of ['package.json', '.npmrc']) copyFileSync(name, join(folder, name))
execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: folder, stdio: 'inherit' })

const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
const paths = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')))
const systems = ['android', 'darwin', 'freebsd', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'aix', 'win32']
const processors = ['arm64', 'ppc64', 'riscv64', 's390x', 'ia32', 'wasm32', 'mips64el', 'loong64']

for (const { dev, devOptional, optionalDependencies = {} } of Object.values(lock.packages))
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (paths.has(name) || !/^\d/.test(version)) continue
    const os = systems.find((system) => name.includes(system)) ?? (name.includes('windows') ? 'win32' : 'linux')
    const cpu = processors.find((processor) => name.includes(processor)) ?? (/arm(-|v7|$)/.test(name) ? 'arm' : 'x64')
    const libc = os === 'linux' ? { libc: [name.includes('musl') ? 'musl' : 'glibc'] } : {}
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(dev || devOptional ? { dev: true } : {}),
      ...libc,
      optional: true,
      os: [os],
    }
    console.log(`added ${name}@${version}`)
  }
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
