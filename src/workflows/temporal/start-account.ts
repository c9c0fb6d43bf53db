/** The account in which the rollout started, in the workflow's memo: every run and every client has it. */
import { upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { Account, StartAccount } from '../../activities/interface/account.js';

const memoKey = 'RolloutAccount';

export function recordStartAccount({ account, region }: Account, endpoint: string): void {
  const startedIn: StartAccount = { account, region, endpoint };
  upsertMemo({ [memoKey]: startedIn });
}

/** Null before the preflight. */
export function readStartAccount(): StartAccount | null {
  return (workflowInfo().memo?.[memoKey] as StartAccount | undefined) ?? null;
}
