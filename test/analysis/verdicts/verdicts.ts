import { judgeAlarm } from '../../../src/analysis/verdicts/judge-alarm.js';
import type { ReasonCode, Result, Verdict } from '../../../src/analysis/verdicts/verdict.js';

export function verdict(result: Result, reason: ReasonCode = 'withinBound'): Verdict {
  const plain = judgeAlarm({ kind: 'alarm', id: 'x', alarmName: 'x' }, { kind: 'missing' });
  return { ...plain, result, reason, message: `${result} for ${reason}` };
}
