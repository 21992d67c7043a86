/**
 * What the planner is told for a batch, in one statement. A plan may have been made when a queue was empty: a scan that cost
 * nothing then would read each job of a burst, and every statement of ours has its index. Plans with many steps are thought to
 * cost millions, and compiling them would take longer than they run.
 */
export const planning = `select set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`
