import type { RecurringTask } from '../../../manage/recurring.ts'
import { since, styled } from '../../report.ts'

/** When a recurring task occurs next, or why it does not. */
export function nextText({ enabled, removedAt, nextRunAt }: RecurringTask): string {
  if (removedAt !== null) return styled('dim', 'removed')
  return enabled ? since(nextRunAt) : styled('yellow', 'disabled')
}
