/** What a candidate must answer before it gets any traffic. Latencies in milliseconds, rates in percent. */

export interface ValidationPlan {
  /** Requests that must merely be answered with a 2xx status. */
  smoke: { requests: GoldenRequest[] } | null;
  golden: { records: GoldenRecord[]; minimumMatchPercent: number } | null;
  latency: { percentile: number; belowMs: number; requests: number } | null;
  /** A small steady load, from the golden and the smoke requests in turn. */
  load: { requestsPerSecond: number; seconds: number; maximumErrorPercent: number } | null;
}

export interface GoldenRequest {
  body: unknown;
  contentType: string;
}

/** A request with its expected answer; `expect` must be a subset of the JSON answer. */
export interface GoldenRecord extends GoldenRequest {
  expect: unknown;
}
