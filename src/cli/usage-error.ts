/** What the user of the command can put right: its message is shown alone. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
