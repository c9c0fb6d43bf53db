/** Faults of AWS calls. */
import type { Fault } from '../../../src/emulator/emulator.js';

export interface CallFault {
  name: string;
  kind: Fault['kind'] | 'inProgress';
  lasts: 'once' | 'tenMinutes' | 'forever';
  /** Attempts of the SDK. With 1, every fault reaches the activity. */
  maxAttempts: 1 | 3;
}

const tenMinutesMs = 600_000;

/** Simulated time that a timeout takes. */
const timeoutSeconds = 5;

const kinds = ['throttle', 'error500', 'timeoutBeforeEffect', 'timeoutAfterEffect', 'lostResponse'] as const;
const longKinds: readonly string[] = ['throttle', 'error500'];

/** Faults of every call. */
const commonFaults: CallFault[] = [
  ...kinds.map((kind): CallFault =>
    longKinds.includes(kind)
      ? { name: `${kind} for 10 minutes`, kind, lasts: 'tenMinutes', maxAttempts: 1 }
      : { name: `${kind} once`, kind, lasts: 'once', maxAttempts: 1 },
  ),
  { name: 'accessDenied forever', kind: 'accessDenied', lasts: 'forever', maxAttempts: 1 },
  { name: 'in progress by someone else', kind: 'inProgress', lasts: 'once', maxAttempts: 1 },
];

/** More faults of calls with an effect: each kind with the other duration, and a lost response that the SDK retries. */
const effectFaults: CallFault[] = [
  ...kinds.map((kind): CallFault =>
    longKinds.includes(kind)
      ? { name: `${kind} once`, kind, lasts: 'once', maxAttempts: 1 }
      : { name: `${kind} for 10 minutes`, kind, lasts: 'tenMinutes', maxAttempts: 1 },
  ),
  { name: 'lostResponse once, retried by the SDK', kind: 'lostResponse', lasts: 'once', maxAttempts: 3 },
];

const readsOnly = /^(Describe|List|Get|Simulate)/;

/** Operations without a conflicting change: their resources are only read, or never change after their creation. */
const withoutConflict = new Set([
  'DescribeAlarms',
  'DescribeEndpointConfig',
  'DescribeModel',
  'DescribeModelPackage',
  'DescribeModelPackageGroup',
  'DescribeScalableTargets',
  'DescribeScalingPolicies',
  'DescribeScheduledActions',
  'DescribeTrainingJob',
  'GetCallerIdentity',
  'GetMetricData',
  'ListMetrics',
  'ListModelPackages',
  'ListServiceQuotas',
  'ListTags',
  'ListTagsForResource',
  'SimulatePrincipalPolicy',
  // Only the rollout changes the scaling of its candidate, and a change of the same target is repeated.
  'DeregisterScalableTarget',
  'PutScalingPolicy',
  'PutScheduledAction',
  'RegisterScalableTarget',
]);

export function faultsOf(operation: string): CallFault[] {
  const all = readsOnly.test(operation) ? commonFaults : [...commonFaults, ...effectFaults];
  return all.filter(({ kind }) => kind !== 'inProgress' || !withoutConflict.has(operation));
}

/** In the emulator's form. The account itself simulates changes in progress by someone else. */
export function toEmulatorFault({ kind, lasts }: CallFault, operation: string, nowMs: number): Fault {
  if (kind === 'inProgress') throw new Error('expected a fault of the emulator, got inProgress');
  const fault: Fault = { operation, kind, seconds: timeoutSeconds };
  if (lasts === 'once') return fault;
  if (lasts === 'forever') return { ...fault, every: 1 };
  return { ...fault, to: new Date(nowMs + tenMinutesMs).toISOString() };
}
