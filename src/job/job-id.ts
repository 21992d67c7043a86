/** Whether it is a UUID, in whatever case: Postgres would refuse anything else, and other databases find nothing. */
export function isJobId(id: unknown): id is string {
  return typeof id === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
}
