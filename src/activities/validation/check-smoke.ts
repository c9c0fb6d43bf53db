import { heartbeat } from '@temporalio/activity';
import type { ValidationPlan } from '../../plan/compiled/validation-plan.js';
import type { Invoke } from './invoke-variant.js';
import type { CheckResult } from './check.js';

/** Every request is answered with a 2xx status: that is all an answer without ModelError says. */
export async function checkSmoke(
  invoke: Invoke,
  { requests }: NonNullable<ValidationPlan['smoke']>,
): Promise<CheckResult> {
  const problems: string[] = [];
  for (const [i, request] of requests.entries()) {
    const reply = await invoke(request);
    heartbeat();
    if (reply.kind === 'answered') continue;
    problems.push(`smoke request ${i + 1} failed with status ${reply.status ?? 'unknown'}`);
  }
  return {
    problems,
    message: `${requests.length - problems.length} of ${requests.length} smoke requests answered`,
  };
}
