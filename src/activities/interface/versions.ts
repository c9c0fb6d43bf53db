/** Versions of model package groups. */
import type { WriteBackPlan } from '../../plan/compiled/model-plan.js';
import type { Outcome } from '../../plan/outcome.js';

/** `skipped`: newer approved versions that rollouts have marked as rolled back. */
export interface ChosenVersion {
  arn: string;
  group: string;
  version: number;
  skipped: { version: number; rolloutId: string; endpoint: string }[];
}

/** `finding`: why there is no version, and what to do; for people. */
export type VersionChoice = { chosen: ChosenVersion } | { finding: string };

/** `endedAt`: ISO 8601; a retry has the same one. */
export interface WriteBackRequest {
  versionArn: string;
  rolloutId: string;
  endpoint: string;
  outcome: Outcome;
  endedAt: string;
  writeBack: WriteBackPlan;
}
