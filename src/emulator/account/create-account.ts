import { invokePolicy } from '../application-auto-scaling/policies/invoke-policy.js';
import type { EmulatorOptions } from '../options.js';
import type { Programs } from '../programs/programs.js';
import { AccountState } from './account-state.js';
import { systemClock } from './clock.js';

const defaults = { account: '123456789012', region: 'us-east-1' };

/** A new account. `identity`: account and region of a saved one, if the options do not name others. */
export function createAccount(
  options: EmulatorOptions,
  programs: Programs,
  identity: { account: string; region: string } | null = null,
): AccountState {
  const clock = options.clock ?? systemClock;
  const account = new AccountState({
    clock,
    seed: options.seed ?? 1,
    account: options.account ?? identity?.account ?? defaults.account,
    region: options.region ?? identity?.region ?? defaults.region,
    pace: options.pace ?? 'fast',
    lateMs: options.lateMs,
    behaviours: options.behaviours ?? [],
    traffic: options.traffic ?? [],
    enforceQuotas: options.enforceQuotas ?? false,
    quotas: options.quotas ?? {},
    sageMaker: options.sageMaker ?? {},
    realTime: clock === systemClock,
    programs,
  });
  account.onAlarmAction = (alarm, action) => invokePolicy(account, alarm, action);
  account.metrics.partial = options.partialMetrics ?? null;
  return account;
}

/** Sets the account to the clock's time, with the faults of the options. */
export async function beginAccount(account: AccountState, options: EmulatorOptions): Promise<void> {
  for (const fault of options.faults ?? []) account.faults.add(fault);
  await account.advanceToNow(() => undefined);
}
