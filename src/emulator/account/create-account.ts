import { invokePolicy } from '../application-auto-scaling/policies/invoke-policy.js';
import type { EmulatorOptions } from '../options.js';
import type { Programs } from '../programs/programs.js';
import { AccountState } from './account-state.js';
import type { CallLog } from './calls.js';
import { systemClock } from './clock.js';
import { Regions } from './regions.js';

const defaults = { account: '123456789012', region: 'us-east-1' };

/** `identity`: account and region of a saved account, if the options do not name others. */
export function createRegions(
  options: EmulatorOptions,
  programs: Programs,
  identity: { account: string; region: string } | null = null,
): Regions {
  const home = createAccount(options, programs, identity, null);
  home.metrics.partial = options.partialMetrics ?? null;
  const { account } = home.options;
  // A scenario, faults and limits belong to the home region.
  const withoutThem = { behaviours: [], traffic: [], sageMaker: {} };
  return new Regions(home, (region) =>
    createAccount({ ...options, ...withoutThem, account, region }, programs, null, home.calls),
  );
}

function createAccount(
  options: EmulatorOptions,
  programs: Programs,
  identity: { account: string; region: string } | null,
  callsOfHome: CallLog | null,
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
    deniedActions: options.deniedActions ?? [],
    realTime: clock === systemClock,
    programs,
    callsOfHome,
  });
  account.onAlarmAction = (alarm, action) => invokePolicy(account, alarm, action);
  return account;
}

/** Sets the home account to the clock's time, with the faults and rules of the options. */
export async function beginAccount({ home: account }: Regions, options: EmulatorOptions): Promise<void> {
  for (const fault of options.faults ?? []) account.faults.add(fault);
  await account.advanceToNow(() => undefined);
}
