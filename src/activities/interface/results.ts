/** Results of single activities. */
export type { ProofVerification } from '../../identity/verify-proof.js';

export interface TrainedModel {
  jobName: string;
  artefact: string;
  trainingSeconds: number;
  /** Final metrics that the job reported, by name. */
  metrics: Record<string, number>;
}

export interface ValidationReport {
  goldenMatched: number;
  goldenTotal: number;
  latencyMs: number | null;
  message: string;
}

export interface CalendarAnswer {
  holds: boolean;
  until: string | null;
  message: string;
}
