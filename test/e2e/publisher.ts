import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Emulator } from '../../src/emulator/emulator.js';

const hourMs = 3_600_000;

/** The sum of one hour. */
export interface Published {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  sum: number;
}

/** Publishes the same sums for every hour, like a shop or a switch. */
export class Publisher {
  private readonly cloudwatch: CloudWatchClient;
  private publishedTo: number | null = null;

  constructor(
    emulator: Emulator,
    private readonly sums: Published[],
  ) {
    this.cloudwatch = new CloudWatchClient(emulator.awsConfig);
  }

  async publishUntil(nowMs: number): Promise<void> {
    const end = Math.floor(nowMs / hourMs) * hourMs;
    for (let hour = this.publishedTo ?? end - 2 * hourMs; hour < end; hour += hourMs)
      await this.publish(hour);
    this.publishedTo = end;
  }

  private async publish(hour: number): Promise<void> {
    for (const { namespace, name, dimensions, sum } of this.sums) {
      const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
      const MetricData = [{ MetricName: name, Dimensions, Timestamp: new Date(hour), Value: sum }];
      await this.cloudwatch.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
    }
  }
}
