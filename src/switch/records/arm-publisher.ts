/** Sends the sums of the arms to CloudWatch. Keeps data that CloudWatch did not accept, up to a limit. */
import { PutMetricDataCommand, type CloudWatchClient, type MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { ArmMetrics } from './arm-metrics.js';
import type { SwitchLog } from '../log.js';

/** CloudWatch accepts 1,000 data and 1 MB in one call. A datum of 150 values is about 4 KB. */
const maxMetricsPerCall = 150;

export interface PublisherOptions {
  namespace: string;
  everyMs: number;
  /** Max data kept while CloudWatch is unavailable. The oldest are dropped first. */
  keep: number;
}

export class ArmPublisher {
  /** Calls that failed, and data that were dropped. */
  failures = 0;
  dropped = 0;
  private backlog: MetricDatum[] = [];
  private publishing: Promise<void> = Promise.resolve();
  private publishedAtMs = Date.now();
  private timer: NodeJS.Timeout | null = null;
  private isFailing = false;

  constructor(
    private readonly client: Pick<CloudWatchClient, 'send'>,
    private readonly metrics: ArmMetrics,
    private readonly options: PublisherOptions,
    private readonly log: SwitchLog,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.publish(), this.options.everyMs);
    this.timer.unref();
  }

  /** Sends the pending data, in one last attempt. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.publish();
  }

  /** For a Lambda function, which runs no timer. */
  async publishIfDue(): Promise<void> {
    if (Date.now() - this.publishedAtMs >= this.options.everyMs) await this.publish();
  }

  /** Never rejects. */
  publish(): Promise<void> {
    return (this.publishing = this.publishing.then(() => this.publishAll()));
  }

  private async publishAll(): Promise<void> {
    this.publishedAtMs = Date.now();
    this.backlog.push(...this.metrics.take(new Date(this.publishedAtMs)));
    const tooMany = this.backlog.length - this.options.keep;
    if (tooMany > 0) {
      this.backlog.splice(0, tooMany);
      this.dropped += tooMany;
    }
    while (this.backlog.length > 0) {
      const part = this.backlog.slice(0, maxMetricsPerCall);
      if (!(await this.send(part))) return;
      this.backlog.splice(0, part.length);
    }
  }

  private async send(MetricData: MetricDatum[]): Promise<boolean> {
    try {
      await this.client.send(new PutMetricDataCommand({ Namespace: this.options.namespace, MetricData }));
      if (this.isFailing) this.log('info', 'CloudWatch accepts metrics again');
      this.isFailing = false;
      return true;
    } catch (error) {
      this.failures++;
      if (!this.isFailing)
        this.log(
          'warn',
          `cannot send metrics to CloudWatch: ${error instanceof Error ? error.message : String(error)}; retrying`,
        );
      this.isFailing = true;
      return false;
    }
  }
}
