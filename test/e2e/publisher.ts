import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Simulation } from '../../src/simulation/simulation.js';

const hourMs = 3_600_000;

/** The sum of one hour. */
export interface Published {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  sum: number;
}

/** Publishes the same sums at the end of every hour, like a shop or a switch. The last two hours are published already. */
export async function startPublisher(simulation: Simulation, sums: Published[]): Promise<void> {
  const { clock } = simulation.temporal;
  const thisHourMs = Math.floor(clock.nowMs / hourMs) * hourMs;
  await publish(simulation, sums, thisHourMs - 2 * hourMs);
  const publishAtEndOf = (hour: number) =>
    clock.at(hour + hourMs, async () => {
      await publish(simulation, sums, hour);
      publishAtEndOf(hour + hourMs);
    });
  publishAtEndOf(thisHourMs - hourMs);
}

async function publish({ aws }: Simulation, sums: Published[], hour: number): Promise<void> {
  for (const { namespace, name, dimensions, sum } of sums) {
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    const MetricData = [{ MetricName: name, Dimensions, Timestamp: new Date(hour), Value: sum }];
    await aws.cloudwatch.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
  }
}
