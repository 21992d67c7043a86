import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

/**
 * Makes a role that can log in, on a Postgres that tests share, and gives the connection string as that role.
 *
 * @param settings what `alter role … set` is to set
 */
export async function newRole(
  url: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ name: string; url: string; administer: (sql: string) => Promise<void> }> {
  const name = `role_${randomBytes(8).toString('hex')}`
  const administer = async (sql: string) => {
    const client = new Client(url)
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  await administer(`create role ${name} login password '${name}'`)
  for (const [setting, value] of Object.entries(settings))
    await administer(`alter role ${name} set ${setting} = '${value}'`)
  const own = new URL(url)
  own.username = name
  own.password = name
  return { name, url: own.href, administer }
}
