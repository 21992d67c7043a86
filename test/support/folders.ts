import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    folder: string
  }
}

/** One folder for everything that the run writes; it goes with the run. */
export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'steadytick-'))
  provide('folder', folder)
  return () => rmSync(folder, { recursive: true })
}

/** An empty folder of a test's own. */
export const newFolder = (): string => mkdtempSync(join(inject('folder'), 'test-'))

/** Where a test may make an SQLite database. */
export const newFile = (): string => join(newFolder(), 'queue.db')
