/** The request for a training job: the plan's own fields, with the settings of the spec. No I/O. */
import type { Channel, CreateTrainingJobRequest, TrainingInstanceType } from '@aws-sdk/client-sagemaker';
import { builtInAlgorithms } from '../../plan/compile/built-in-algorithms.js';
import type { TrainingPlan } from '../../plan/compiled/model-plan.js';

export function trainingRequest(training: TrainingPlan): CreateTrainingJobRequest {
  const own = ownRequest(training);
  const { InputDataConfig, ...settings } = (training.settings ?? {}) as Partial<CreateTrainingJobRequest>;
  const channels = withChannels(own.InputDataConfig ?? [], InputDataConfig ?? []);
  return { ...(withMembers(own, settings) as CreateTrainingJobRequest), InputDataConfig: channels };
}

/** A channel of the settings adds to the plan's channel of that name, or is another one. */
function withChannels(own: Channel[], settings: Channel[]): Channel[] {
  const isNamed = (name: string | undefined) => (channel: Channel) => channel.ChannelName === name;
  const others = settings.filter(({ ChannelName }) => !own.some(isNamed(ChannelName)));
  const completed = own.map((channel) => {
    const added = settings.find(isNamed(channel.ChannelName));
    return added === undefined ? channel : (withMembers(channel, added) as Channel);
  });
  return [...completed, ...others];
}

/** Structures are merged member by member. Any other value of `settings` replaces the own one. */
function withMembers(own: object, settings: object): object {
  const merged = Object.entries(settings).map(([member, value]: [string, unknown]) => {
    const before = (own as Record<string, unknown>)[member];
    return [member, isStructure(before) && isStructure(value) ? withMembers(before, value) : value];
  });
  return { ...own, ...(Object.fromEntries(merged) as object) };
}

function isStructure(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ownRequest(training: TrainingPlan): CreateTrainingJobRequest {
  const { instance } = training;
  return {
    TrainingJobName: training.jobName,
    AlgorithmSpecification: {
      TrainingImage: training.image,
      TrainingInputMode: 'File',
      ...(isBuiltIn(training.image) ? {} : { MetricDefinitions: metricDefinitions }),
    },
    RoleArn: training.role,
    InputDataConfig: Object.entries(training.input).map(([name, { uri, contentType }]) => ({
      ChannelName: name,
      ...(contentType === null ? {} : { ContentType: contentType }),
      DataSource: {
        S3DataSource: { S3DataType: 'S3Prefix', S3Uri: uri, S3DataDistributionType: 'FullyReplicated' },
      },
    })),
    OutputDataConfig: { S3OutputPath: training.output },
    ResourceConfig: {
      InstanceType: instance.type as TrainingInstanceType,
      InstanceCount: instance.count,
      VolumeSizeInGB: instance.volumeGb,
    },
    StoppingCondition: { MaxRuntimeInSeconds: training.stopAfterSeconds },
    HyperParameters: training.hyperparameters,
  };
}

/** SageMaker refuses metric definitions for its built-in algorithms, which have their own. */
const metricDefinitions = [
  { Name: 'accuracy', Regex: 'accuracy=([0-9.]+)' },
  { Name: 'loss', Regex: 'loss=([0-9.]+)' },
];

function isBuiltIn(image: string): boolean {
  const accounts = Object.values(builtInAlgorithms).flatMap((algorithm) => Object.values(algorithm.accounts));
  return accounts.some((account) => image.startsWith(`${account}.dkr.ecr.`));
}
