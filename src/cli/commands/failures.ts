import { reporting, type ReportOptions } from '../command.ts'
import { withQueue } from '../open.ts'
import { countText, plain, report, since, table } from '../report.ts'
import { shellWord } from '../shell-word.ts'
import { manage } from '../../manage/index.ts'

export const failures = reporting('failures', 'list the failed jobs by what failed alike').action(
  (options: ReportOptions) =>
    withQueue(options, async ({ queue }) => {
      const kinds = await manage(queue).jobs.failures()
      report(options, kinds, () => {
        const rows = kinds.map(({ fingerprint, count, lastAt, latest: { error } }) => [
          countText(count),
          plain(fingerprint),
          since(lastAt),
          plain(`${error.name}: ${error.message}`, 100),
        ])
        const drawn = table(['JOBS', 'FINGERPRINT', 'LAST', 'ERROR'], rows, 'No job has failed.')
        const [kind] = kinds
        if (!kind) return drawn
        const word = shellWord(kind.fingerprint)
        if (word === null) return drawn
        const those = `--fingerprint ${word}`
        return `${drawn}\n\nLook at those of a kind: steadytick jobs ${those}\nRun them again:          steadytick retry ${those}`
      })
    }),
)
