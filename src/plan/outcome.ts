/** How a rollout stands and how it ends. */

export const phases = [
  'planning',
  'preflight',
  'training',
  'registering',
  'deploying',
  'validating',
  'gated',
  'shifting',
  'baking',
  'rollbackWindow',
  'promoting',
  'rollingBack',
  'cleaningUp',
  'ended',
] as const;
export type Phase = (typeof phases)[number];

/**
 * `aborted`: by an operator, traffic verified on the baseline. `rollbackFailed`: needs a person; never reported as
 * anything else. `failed`: before any traffic moved.
 */
export const outcomes = [
  'promoted',
  'rolledBack',
  'aborted',
  'inconclusive',
  'rollbackFailed',
  'failed',
] as const;
export type Outcome = (typeof outcomes)[number];

/** Exit codes of the CLI; part of the contract with pipelines. */
export const exitCodes: Record<Outcome, number> = {
  promoted: 0,
  rolledBack: 10,
  aborted: 11,
  inconclusive: 12,
  rollbackFailed: 13,
  failed: 14,
};
