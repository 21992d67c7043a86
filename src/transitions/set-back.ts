/**
 * An instant that was "now" when it was written, and is more than this ahead, was written under a clock that was wrong,
 * or the database's clock was set back since (a restored snapshot). It is no longer believed. Smaller steps pass by themselves.
 */
export const setBackMs = 3_600_000
