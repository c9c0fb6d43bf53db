/** Tags and network settings that a rollout carries over from the endpoint that serves to its own objects. */
import type {
  DescribeEndpointConfigOutput,
  DescribeEndpointOutput,
  DescribeModelOutput,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { maxTags } from '../../plan/compiled/tags.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { rolloutTag } from '../aws/ownership.js';
import { readTags, withoutReservedTags } from '../aws/tags.js';
import type { InitialEndpoint } from '../interface/endpoint.js';
import type { ResourceTags } from '../interface/tags.js';
import { networkOf } from './check-models.js';
import { iacWarnings } from './iac-warnings.js';

type CarriedOver = Pick<InitialEndpoint & { kind: 'live' }, 'madeBy' | 'tags' | 'network'>;

export async function readCarriedOver(
  sagemaker: SageMakerClient,
  live: DescribeEndpointOutput,
  config: DescribeEndpointConfigOutput,
  model: DescribeModelOutput | null,
): Promise<CarriedOver & { warnings: string[] }> {
  const tagsOf = async (arn: string | undefined): Promise<ResourceTags> =>
    arn === undefined ? {} : readTags(sagemaker, arn);
  const [ofEndpoint = {}, ofConfig = {}, ofModel = {}] = await Promise.all(
    [live.EndpointArn, config.EndpointConfigArn, model?.ModelArn].map(tagsOf),
  );
  return {
    madeBy: ofConfig[rolloutTag] ?? null,
    tags: {
      endpoint: withoutReservedTags(ofEndpoint),
      config: withoutReservedTags(ofConfig),
      model: withoutReservedTags(ofModel),
    },
    network: model === null ? {} : networkOf(model),
    warnings: iacWarnings(live.EndpointName ?? '', ofEndpoint),
  };
}

/** AWS refuses an object with too many tags only when the rollout makes it. */
export function checkTags({ tags: own }: Plan, { tags }: CarriedOver): string[] {
  return Object.entries(tags).flatMap(([object, carried]) => {
    const count = Object.keys({ ...carried, ...own }).length;
    return count <= maxTags
      ? []
      : [`the ${object} would get ${count} tags, with those of the spec; at most ${maxTags} are possible`];
  });
}
