/** What a call of AWS may meet. */
import type { Fault } from '../../../src/emulator/emulator.js';

export interface Trouble {
  name: string;
  kind: Fault['kind'] | 'inProgress';
  lasts: 'once' | 'tenMinutes' | 'forGood';
  /** How often the SDK asks, all in all. Once: every trouble reaches the activity. */
  tries: 1 | 3;
}

const tenMinutesMs = 600_000;

/** Of real time. */
const heldSeconds = 0.05;

const kinds = ['throttle', 'error500', 'timeoutBeforeEffect', 'timeoutAfterEffect', 'lostResponse'] as const;
const longKinds: readonly string[] = ['throttle', 'error500'];

/** Every call meets these. */
const usual: Trouble[] = [
  ...kinds.map((kind): Trouble =>
    longKinds.includes(kind)
      ? { name: `${kind} for 10 minutes`, kind, lasts: 'tenMinutes', tries: 1 }
      : { name: `${kind} once`, kind, lasts: 'once', tries: 1 },
  ),
  { name: 'accessDenied for good', kind: 'accessDenied', lasts: 'forGood', tries: 1 },
  { name: 'in progress by someone else', kind: 'inProgress', lasts: 'once', tries: 1 },
];

/** Calls with an effect meet these besides: the same for the other time, and an answer that the SDK itself asks for again. */
const ofEffects: Trouble[] = [
  ...kinds.map((kind): Trouble =>
    longKinds.includes(kind)
      ? { name: `${kind} once`, kind, lasts: 'once', tries: 1 }
      : { name: `${kind} for 10 minutes`, kind, lasts: 'tenMinutes', tries: 1 },
  ),
  { name: 'lostResponse once, asked again by the SDK', kind: 'lostResponse', lasts: 'once', tries: 3 },
];

const readsOnly = /^(Describe|List|Get)/;

/** What nobody else can be busy with: these are only read, or made and never changed. */
const neverBusy = new Set([
  'DescribeAlarms',
  'DescribeEndpointConfig',
  'DescribeModel',
  'DescribeModelPackage',
  'DescribeModelPackageGroup',
  'DescribeTrainingJob',
  'GetMetricData',
  'ListMetrics',
  'ListModelPackages',
  'ListTags',
]);

export function troublesOf(operation: string): Trouble[] {
  const all = readsOnly.test(operation) ? usual : [...usual, ...ofEffects];
  return all.filter(({ kind }) => kind !== 'inProgress' || !neverBusy.has(operation));
}

/** As the emulator takes it; what is in progress by someone else is the account's to play. */
export function faultOf({ kind, lasts }: Trouble, operation: string, nowMs: number): Fault {
  if (kind === 'inProgress') throw new Error('somebody else is no fault of a call');
  const fault: Fault = { operation, kind, seconds: heldSeconds };
  if (lasts === 'once') return fault;
  if (lasts === 'forGood') return { ...fault, every: 1 };
  return { ...fault, to: new Date(nowMs + tenMinutesMs).toISOString() };
}
