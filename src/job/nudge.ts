/**
 * "There is work": asks the platform for a tick now. It carries no job data, and may be lost: cron is the net that
 * catches it. What it throws is logged, and changes nothing.
 */
export type Nudge = () => void | Promise<void>
