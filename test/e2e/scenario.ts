import type { E2eEnvironment } from './e2e-environment.js';

export interface Scenario {
  /** The test's name. */
  it: string;
  play(stage: E2eEnvironment): Promise<void>;
}

/** Scenarios by what they are about. */
export type Group = { about: string; scenarios: Scenario[] };
