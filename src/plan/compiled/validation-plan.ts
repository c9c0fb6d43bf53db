/** Checks that a candidate must pass before it gets traffic. Latencies in milliseconds, rates in percent. */

export interface ValidationPlan {
  /** Requests that need only a 2xx response. */
  smoke: { requests: GoldenRequest[] } | null;
  golden: { records: GoldenRecord[]; minimumMatchPercent: number } | null;
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

/** A request with its expected response. `expect` must be a subset of the JSON response. */
export interface GoldenRecord extends GoldenRequest {
  expect: unknown;
}
