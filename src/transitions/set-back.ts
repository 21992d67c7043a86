/**
 * An instant that was "now" when it was written, and is more than this ahead, is no longer believed: the clock that
 * wrote it was wrong, or the database's clock was set back since (a restored snapshot). Smaller steps pass by
 * themselves.
 */
export const setBackMs = 3_600_000
