/** Rules between `train.settings` and the fields of `train`. */
import type { z } from 'zod';
import type { AwsMembers } from '../../compiled/aws-members.js';
import { addIssue } from '../fields/scalars.js';

/** The fields of `train` that the rules read. */
interface TrainingWithSettings {
  algorithm?: string | undefined;
  input: object;
  stopAfter: number;
  settings?: AwsMembers | undefined;
}

interface TrainingSettings {
  AlgorithmSpecification?: { MetricDefinitions?: unknown };
  EnableManagedSpotTraining?: boolean;
  InputDataConfig?: ChannelSettings[];
  StoppingCondition?: { MaxWaitTimeInSeconds?: number };
}

interface ChannelSettings {
  ChannelName: string;
  ContentType?: string;
  DataSource?: { S3DataSource?: AwsMembers; FileSystemDataSource?: unknown; DatasetSource?: unknown };
}

export function checkTrainingSettings(train: TrainingWithSettings, ctx: z.RefinementCtx): void {
  if (train.settings === undefined) return;
  const settings = train.settings as TrainingSettings;
  checkSpot(train, settings, ctx);
  checkChannels(train, settings.InputDataConfig ?? [], ctx);
  if (train.algorithm !== undefined && settings.AlgorithmSpecification?.MetricDefinitions !== undefined)
    addIssue(
      ctx,
      ['settings', 'AlgorithmSpecification', 'MetricDefinitions'],
      `${train.algorithm} has metrics of its own, so SageMaker refuses others`,
      'no MetricDefinitions with algorithm',
    );
}

/** Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html */
function checkSpot(
  { stopAfter }: TrainingWithSettings,
  { EnableManagedSpotTraining: isSpot, StoppingCondition }: TrainingSettings,
  ctx: z.RefinementCtx,
): void {
  const wait = StoppingCondition?.MaxWaitTimeInSeconds;
  const at = ['settings', 'StoppingCondition', 'MaxWaitTimeInSeconds'];
  const allowed = `a whole number of at least ${stopAfter}, which is stopAfter in seconds`;
  if (isSpot && wait === undefined)
    addIssue(ctx, at, 'managed Spot training needs the time to wait for instances and to train', allowed);
  else if (isSpot && wait !== undefined && wait < stopAfter)
    addIssue(ctx, at, 'the time to wait and to train is shorter than stopAfter', allowed);
  else if (!isSpot && wait !== undefined)
    addIssue(ctx, at, 'only managed Spot training waits', 'EnableManagedSpotTraining: true, or none');
}

function checkChannels(train: TrainingWithSettings, channels: ChannelSettings[], ctx: z.RefinementCtx): void {
  const names = channels.map(({ ChannelName }) => ChannelName);
  channels.forEach((channel, i) => {
    const path = ['settings', 'InputDataConfig', i];
    checkChannel(train, channel, path, ctx);
    if (names.indexOf(channel.ChannelName) < i)
      addIssue(
        ctx,
        [...path, 'ChannelName'],
        `the channel ${channel.ChannelName} has an entry already`,
        'one entry for each channel',
      );
  });
}

/** A channel of `input` has its data there. Any other channel has all of it in the settings. */
function checkChannel(
  { input }: TrainingWithSettings,
  { ChannelName, ContentType, DataSource = {} }: ChannelSettings,
  path: (string | number)[],
  ctx: z.RefinementCtx,
): void {
  const refuse = (member: string[], allowed: string) =>
    addIssue(ctx, [...path, ...member], `the channel ${ChannelName} is in input`, allowed);
  const { S3DataSource, FileSystemDataSource, DatasetSource } = DataSource;
  if (Object.hasOwn(input, ChannelName)) {
    if (ContentType !== undefined) refuse(['ContentType'], `input.${ChannelName}.contentType`);
    if (S3DataSource?.['S3Uri'] !== undefined)
      refuse(['DataSource', 'S3DataSource', 'S3Uri'], `input.${ChannelName}`);
    for (const other of ['FileSystemDataSource', 'DatasetSource'] as const)
      if (DataSource[other] !== undefined) refuse(['DataSource', other], `no ${ChannelName} in input`);
    return;
  }
  if (FileSystemDataSource !== undefined || DatasetSource !== undefined) return;
  if (S3DataSource?.['S3Uri'] === undefined || S3DataSource['S3DataType'] === undefined)
    addIssue(
      ctx,
      [...path, 'DataSource'],
      `the channel ${ChannelName} is not in input, so its data has to be here`,
      'S3DataSource with S3Uri and S3DataType, or another source',
    );
}
