/** The exit codes of a command, for scripts. 0: done. */
export const exitCodes = {
  /** The command failed: an error of the database, a fault that was found, a question without a yes, or a stop. */
  failed: 1,
  /** The command was called wrongly: an unknown command, option or task, a bad value, no config. */
  usage: 2,
  /** A job or key that was named is not there, or not in a state for the action. The action is done for the others. */
  nothing: 3,
} as const
