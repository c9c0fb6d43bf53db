/** The phases and the outcomes of a rollout. */

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
 * `aborted`: by an operator; the traffic is verified on the baseline. `rollbackFailed`: the rollback could not be
 * verified and an operator must act. `failed`: before any traffic moved.
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

/** Exit codes of the CLI. Pipelines depend on them. */
export const exitCodes: Record<Outcome, number> = {
  promoted: 0,
  rolledBack: 10,
  aborted: 11,
  inconclusive: 12,
  rollbackFailed: 13,
  failed: 14,
};
