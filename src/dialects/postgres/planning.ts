/**
 * Settings of the planner for a batch, in one statement. Sequential scans are off: a plan that was made while a queue
 * was empty would scan, at no cost then, and would later read each job of a burst. Every statement of ours has its
 * index. JIT is off: the planner estimates millions for plans with many steps, and compiling them would take longer
 * than they run.
 */
export const planning = `select set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`
