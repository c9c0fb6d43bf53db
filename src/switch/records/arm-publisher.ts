/** Sends the arms' sums to CloudWatch, and keeps what it would not take for the next time, within a bound. */
import { PutMetricDataCommand, type CloudWatchClient, type MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { ArmMetrics } from './arm-metrics.js';
import type { SwitchLog } from '../log.js';

/** What CloudWatch takes in one call is 1,000 data and 1 MB; a datum of 150 values is about 4 KB. */
const maxMetricsPerCall = 150;

export interface PublisherOptions {
  namespace: string;
  everyMs: number;
  /** Data kept while CloudWatch is away; the oldest go first. */
  keep: number;
}

export class ArmPublisher {
  /** Calls that failed, and data that nobody will ever see. */
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

  /** The last chance for what is left. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.publish();
  }

  /** Where no timer runs, as in a Lambda. */
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
      if (this.isFailing) this.log('info', 'CloudWatch takes metrics again');
      this.isFailing = false;
      return true;
    } catch (error) {
      this.failures++;
      if (!this.isFailing)
        this.log(
          'warn',
          `CloudWatch takes no metrics: ${error instanceof Error ? error.message : String(error)}`,
        );
      this.isFailing = true;
      return false;
    }
  }
}
