/** One thing that is wrong with a value, a setting or an argument. */
export interface Issue {
  /** Its place, such as `payload.items[3].body`, `workers.mail.queues` or `recurring["nightly"].schedule`; empty: the whole. */
  readonly path: string
  /** The fault there, and the way out. */
  readonly message: string
}

/** As people read it. */
export const issueText = ({ path, message }: Issue): string => (path === '' ? message : `${path}: ${message}`)

/** An issue of a part of a larger value, by its place there. */
export const issueWithin = (at: string, { path, message }: Issue): Issue => ({
  path: path === '' ? at : `${at}.${path}`,
  message,
})
