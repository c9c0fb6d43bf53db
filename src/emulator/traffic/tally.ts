import { Distribution } from '../cloudwatch/distribution.js';

/** How one request to a container ended. `broken`: no HTTP answer at all. */
export type InvocationOutcome = 'ok' | 'clientError' | 'serverError' | 'broken';

/** What one variant did in the current metric period. Latencies in microseconds, as CloudWatch has them. */
export class Tally {
  invocations = 0;
  errors4xx = 0;
  errors5xx = 0;
  modelErrors = 0;
  readonly modelLatency = new Distribution();
  readonly overheadLatency = new Distribution();

  count(outcome: InvocationOutcome, times = 1): void {
    this.invocations += times;
    if (outcome !== 'ok') this.modelErrors += times;
    if (outcome === 'clientError') this.errors4xx += times;
    if (outcome === 'serverError') this.errors5xx += times;
  }

  /** Metric name to unit and values. The error metrics hold a 0 for each success, so their average is the rate. */
  toMetrics(): { name: string; unit: string; values: Distribution }[] {
    const share = (name: string, ones: number) => {
      const values = new Distribution();
      values.add(0, this.invocations - ones);
      values.add(1, ones);
      return { name, unit: 'None', values };
    };
    return [
      share('Invocations', this.invocations),
      share('Invocation4XXErrors', this.errors4xx),
      share('Invocation5XXErrors', this.errors5xx),
      share('InvocationModelErrors', this.modelErrors),
      { name: 'ModelLatency', unit: 'Microseconds', values: this.modelLatency },
      { name: 'OverheadLatency', unit: 'Microseconds', values: this.overheadLatency },
    ];
  }
}
