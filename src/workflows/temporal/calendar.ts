/** Calendar rules at the present moment of the workflow. */
import type { CalendarAnswer } from '../../activities/interface/results.js';
import type { CalendarRule } from '../../plan/compiled/gate.js';
import { proxyRolloutActivities } from './activity-proxy.js';

/**
 * An activity evaluates the rules, because time zones are not deterministic in a workflow. Its answer is for the time at
 * which the attempt was scheduled. If that answer ended before a worker gave it, the rules are evaluated again.
 */
export async function evaluateCalendarNow(rules: CalendarRule[], summary: string): Promise<CalendarAnswer> {
  for (;;) {
    const { evaluateCalendar } = proxyRolloutActivities({ scheduleToCloseSeconds: null, summary });
    const answer = await evaluateCalendar({ rules });
    if (answer.until === null || Date.now() < Date.parse(answer.until)) return answer;
  }
}
