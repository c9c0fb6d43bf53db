import type { E2eEnvironment } from './e2e-environment.js';

export interface Scenario {
  /** The test's name: `subject: condition -> result`. */
  it: string;
  run(environment: E2eEnvironment): Promise<void>;
}

/** Scenarios with a common subject. */
export type Group = { about: string; scenarios: Scenario[] };
