/** An error that the user of the command can repair: its message is shown alone. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
