/** How the command ends, for scripts. 0: done. */
export const exitCodes = {
  /** It failed: the database, a fault that was found, nobody confirmed it, or it was stopped. */
  failed: 1,
  /** It was called wrongly: an unknown command, option or task, a bad value, no config. */
  usage: 2,
  /** What was named is not there, or not in a state for this. Whatever else was named is done. */
  nothing: 3,
} as const
