/** What an emulator was asked, as a table. */
import type { OperationSummary } from '../../emulator/account/calls.js';
import { alignColumns } from '../view/table.js';

const columns = ['operation', 'calls', 'ok', 'throttled', 'rejected', 'failed', 'lost'] as const;

export function renderCalls(summary: OperationSummary[]): string[] {
  if (summary.length === 0) return ['Nobody called.'];
  const rows = summary.map((each) => columns.map((column) => ({ text: String(each[column]) })));
  return alignColumns([columns.map((text) => ({ text })), ...rows]);
}
