/** The demo's users: real requests with images of handwritten digits, counted by the variant that responded. */
import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeEndpointCommand, ModelError, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';

interface Image {
  pixels: number[];
  digit: number;
}

export interface UserTally {
  requests: number;
  errors: number;
  wrong: number;
}

export interface AwsConfig {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

const requestsPerSecond = 40;
const reportMs = 5_000;
const namespace = 'Digits/Users';
const metricName = 'FailedRequests';

export class Users {
  /** By variant name. `none`: the endpoint itself rejected the request. */
  readonly tallies = new Map<string, UserTally>();
  private unreported: number[] = [];
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly runtime: SageMakerRuntimeClient;
  private readonly cloudwatch: CloudWatchClient;

  constructor(
    config: AwsConfig,
    private readonly endpoint: string,
    private readonly images: Image[],
  ) {
    this.runtime = new SageMakerRuntimeClient({ ...config, maxAttempts: 1 });
    this.cloudwatch = new CloudWatchClient(config);
  }

  /** An alarm on the users' metric: more than 3 % of their requests failed within 10 seconds. */
  async putAlarm(name: string): Promise<void> {
    await this.cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: name,
        Namespace: namespace,
        MetricName: metricName,
        Dimensions: [{ Name: 'Endpoint', Value: this.endpoint }],
        Statistic: 'Average',
        Period: 10,
        EvaluationPeriods: 1,
        Threshold: 0.03,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      }),
    );
  }

  start(): void {
    let next = 0;
    const send = () => void this.send(this.images[next++ % this.images.length] as Image);
    this.timers.push(setInterval(send, 1000 / requestsPerSecond));
    this.timers.push(setInterval(() => void this.report(), reportMs));
  }

  stop(): void {
    for (const timer of this.timers.splice(0)) clearInterval(timer);
    this.runtime.destroy();
    this.cloudwatch.destroy();
  }

  private async send({ pixels, digit }: Image): Promise<void> {
    try {
      const response = await this.runtime.send(
        new InvokeEndpointCommand({
          EndpointName: this.endpoint,
          ContentType: 'application/json',
          Body: JSON.stringify({ pixels }),
        }),
      );
      const { digit: answered } = JSON.parse(response.Body.transformToString()) as { digit: number };
      this.count(response.InvokedProductionVariant ?? 'none', false, answered !== digit);
    } catch (error) {
      // No users exist before the endpoint does.
      if ((error as Error).name === 'ValidationError') return;
      this.count(variantOf(error), true, false);
    }
  }

  private count(variant: string, failed: boolean, wrong: boolean): void {
    const tally = this.tallies.get(variant) ?? { requests: 0, errors: 0, wrong: 0 };
    tally.requests += 1;
    tally.errors += failed ? 1 : 0;
    tally.wrong += wrong ? 1 : 0;
    this.tallies.set(variant, tally);
    this.unreported.push(failed ? 1 : 0);
  }

  private async report(): Promise<void> {
    const values = this.unreported.splice(0);
    if (values.length === 0) return;
    const failed = values.filter((value) => value === 1).length;
    const datum = {
      MetricName: metricName,
      Dimensions: [{ Name: 'Endpoint', Value: this.endpoint }],
      Values: [0, 1],
      Counts: [values.length - failed, failed],
      StorageResolution: 1,
    };
    try {
      await this.cloudwatch.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: [datum] }));
    } catch {
      this.unreported.push(...values);
    }
  }
}

/** The error of a failed request names its variant only in the ARN of the log stream. */
function variantOf(error: unknown): string {
  if (!(error instanceof ModelError)) return 'none';
  return /log-stream:([^/]+)/.exec(error.LogStreamArn ?? '')?.[1] ?? 'none';
}

/** Images that were not used for training or validation. */
export async function readTrafficImages(): Promise<Image[]> {
  const module = new URL('../../../examples/digits-classifier/images.mjs', import.meta.url);
  const { readImages } = (await import(module.href)) as {
    readImages: (from: number, to: number) => Promise<Image[]>;
  };
  return readImages(5_000, 8_000);
}
