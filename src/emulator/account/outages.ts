/**
 * GetMetricData during an outage:
 * - `error`: returns 500.
 * - `partial`: returns no data and the StatusCode PartialData.
 * - `internalError`: returns no data and the StatusCode InternalError.
 * - `forbidden`: returns no data and the StatusCode Forbidden (the caller is not allowed to read the metric).
 */
export const metricsOutages = ['error', 'partial', 'internalError', 'forbidden'] as const;
export type MetricsOutage = (typeof metricsOutages)[number];

/** The current outages of CloudWatch. */
export class Outages {
  metrics: MetricsOutage | null = null;
  private readonly withheld = new Set<string>();

  toState(): { metrics: MetricsOutage | null; withheld: Set<string> } {
    return { metrics: this.metrics, withheld: this.withheld };
  }

  restore({ metrics, withheld }: ReturnType<Outages['toState']>): void {
    this.metrics = metrics;
    for (const key of withheld) this.withheld.add(key);
  }

  withhold(endpoint: string, variant: string, on: boolean): void {
    if (on) this.withheld.add(keyOf(endpoint, variant));
    else this.withheld.delete(keyOf(endpoint, variant));
  }

  isWithheld(endpoint: string, variant: string): boolean {
    return this.withheld.has(keyOf(endpoint, variant));
  }
}

function keyOf(endpoint: string, variant: string): string {
  return `${endpoint.toLowerCase()}/${variant}`;
}
