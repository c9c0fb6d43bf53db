/** What someone who reads a result should know of the data. */
import { formatDuration } from '../../plan/units/durations.js';
import type { Role } from '../../plan/compiled/role.js';
import type { RecordedWindows } from '../data/recorded-windows.js';
import { formatTime } from './times.js';

const toldAtMost = 5;

/** Windows that are missing between others, and models that are missing altogether. */
export function describeGaps({ gaps, begins, periodMs }: RecordedWindows): string[] {
  const roles: Role[] = ['baseline', 'candidate'];
  return roles.flatMap((role) => {
    if (begins[role] === null) return [`no window of the ${role}`];
    const told = gaps[role].slice(0, toldAtMost).map(({ fromMs, toMs }) => {
      const length = formatDuration((toMs - fromMs) / 1000);
      return `no window of the ${role} for ${length} from ${formatTime(new Date(fromMs).toISOString())}`;
    });
    const more = gaps[role].slice(toldAtMost);
    const windows = more.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / periodMs, 0);
    return more.length === 0 ? told : [...told, `${windows} more windows of the ${role} are missing`];
  });
}
