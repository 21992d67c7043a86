/**
 * Settings of the planner for a batch, in one statement. A plan that was made while a queue was empty may scan, since a
 * scan cost nothing then, and would read each job of a burst; every statement of ours has its index. JIT is off,
 * because the planner estimates millions for plans with many steps, and compiling them would take longer than they run.
 */
export const planning = `select set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`
