import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  add(count: number): void
  stop(): void
}

/** Shows a bar on standard error where that is a terminal, and nothing elsewhere. */
export function showProgress(doing: string, total: number): Progress {
  if (!process.stderr.isTTY) return { add() {}, stop() {} }
  const bar = new SingleBar(
    { format: `${doing} {bar} {value} of {total}, {eta_formatted} left`, hideCursor: true, stream: process.stderr },
    Presets.shades_classic,
  )
  bar.start(total, 0)
  let value = 0
  return {
    add(count) {
      value += count
      // More jobs came meanwhile.
      if (value > bar.getTotal()) bar.setTotal(value)
      bar.update(value)
    },
    stop: () => bar.stop(),
  }
}
