export { fromDrizzle } from './drizzle.ts'
export { fromKysely } from './kysely.ts'
export { fromNodeSqlite } from './node-sqlite.ts'
export { fromPrisma } from './prisma.ts'
