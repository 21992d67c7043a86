/** A logger that drops everything. It stands by itself: processes without Vitest use it, too. */
export const silent = { debug() {}, info() {}, warn() {}, error() {} }
