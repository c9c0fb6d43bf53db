/**
 * `error`: GetMetricData answers 500. With any other it answers without data, and with a StatusCode: PartialData for
 * `partial`, InternalError for `internalError`, Forbidden for `forbidden` (the caller may not read the metric).
 */
export const metricsOutages = ['error', 'partial', 'internalError', 'forbidden'] as const;
export type MetricsOutage = (typeof metricsOutages)[number];

/** What of CloudWatch does not work at the moment. */
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
