/**
 * "There is work": asks the platform for a tick now. A nudge carries no job data, and may be lost: then cron finds the
 * work. An error is logged, and changes nothing.
 */
export type Nudge = () => void | Promise<void>
