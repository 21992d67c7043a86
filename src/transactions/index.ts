export { drizzle } from './drizzle.ts'
export { kysely } from './kysely.ts'
export { nodeSqlite } from './node-sqlite.ts'
export { prisma } from './prisma.ts'
