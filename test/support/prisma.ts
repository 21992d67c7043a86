import { PrismaPg } from '@prisma/adapter-pg'
import { getPrismaClient } from '@prisma/client/runtime/client'

/** What we use of a client that `prisma generate` made. */
export interface PrismaClient {
  $transaction<T>(act: (transaction: PrismaTransaction) => Promise<T>): Promise<T>
  $disconnect(): Promise<void>
}

interface PrismaTransaction {
  $executeRawUnsafe(sql: string, ...parameters: unknown[]): PromiseLike<number>
  $queryRawUnsafe<T = unknown>(sql: string, ...parameters: unknown[]): PromiseLike<T>
}

/** Prisma's own client, configured as `prisma generate` does for a schema without models: that command has no place in a test. */
export function prismaClient(connectionString: string): PrismaClient {
  const Client = getPrismaClient({
    previewFeatures: [],
    clientVersion: '7.10.0',
    engineVersion: '7.10.0',
    activeProvider: 'postgresql',
    inlineSchema: 'datasource db {\n  provider = "postgresql"\n}\n',
    runtimeDataModel: { models: {}, enums: {}, types: {} },
    parameterizationSchema: { strings: [], graph: 'AAAA' },
    compilerWasm: {
      getRuntime: () => import('@prisma/client/runtime/query_compiler_fast_bg.postgresql.mjs'),
      getQueryCompilerWasmModule: async () => {
        const { wasm } = await import('@prisma/client/runtime/query_compiler_fast_bg.postgresql.wasm-base64.mjs')
        return new WebAssembly.Module(Buffer.from(wasm, 'base64'))
      },
      importName: './query_compiler_fast_bg.js',
    },
  } as never)
  return new Client({ adapter: new PrismaPg({ connectionString }) }) as PrismaClient
}
