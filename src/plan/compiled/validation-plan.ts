/** Checks that a candidate must pass before it gets traffic. Latencies in milliseconds, rates in percent. */
import type { ReceiverAddress } from './notifications.js';

export interface ValidationPlan {
  /** Requests that need only a 2xx response. */
  smoke: { requests: GoldenRequest[] } | null;
  golden: GoldenPlan | null;
  latency: { percentile: number; belowMs: number; requests: number } | null;
  /** A small steady load. It cycles through the golden and the smoke requests. */
  load: { requestsPerSecond: number; seconds: number; maximumErrorPercent: number } | null;
}

export interface GoldenRequest {
  body: unknown;
  contentType: string;
  /** The model of a multi-model endpoint: its path, relative to the prefix of the SageMaker model. */
  targetModel?: string | undefined;
}

export interface GoldenPlan {
  records: GoldenRecord[];
  minimumMatchPercent: number;
  /** The service that decides whether each response is right. Absent: the records say it. */
  judge?: { address: ReceiverAddress; secretEnv: string | null };
}

/**
 * A request with the rule for its response: `expect`, `matches`, or the judge of the plan.
 * - `expect`: a subset of the JSON response; a text is compared with the text of the response, by its content type.
 * - `matches`: source of a regular expression with `patternFlags`, somewhere in the text of the response.
 */
export interface GoldenRecord extends GoldenRequest {
  expect?: unknown;
  matches?: string | undefined;
  /** Absent: the default. */
  tolerance?: Tolerance | undefined;
}

/** Two numbers are equal if they differ by no more than the larger of the two limits. */
export interface Tolerance {
  /** Percent of the larger absolute value. */
  relativePercent: number;
  absolute: number;
}

/** The same model on other hardware differs in the last digits of 32-bit floats, which have seven. */
export const defaultTolerance: Tolerance = { relativePercent: 1e-4, absolute: 0 };

/** Unicode, and a dot also matches the end of a line. */
export const patternFlags = 'su';
