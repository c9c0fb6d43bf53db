/** The settings of an owner that a rollout has to keep. */
import { PutScheduledActionCommand } from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  ListTagsCommand,
  type ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import type { SimulatedClients } from '../../../../src/simulation/aws/clients.js';
import { scalingsOf } from '../../../support/scalings.js';
import { endpoint } from '../scenario.js';

/** Each variant's own text, without its name. Null: the endpoint or its config does not exist. */
export interface Kept {
  /** Settings of the endpoint config that the rollout does not decide, and the owner's tag. */
  config: Record<string, string> | null;
  /** The scalable targets. */
  scaling: Record<string, string>;
}

/** As large models are served. */
export const hosting: Partial<ProductionVariant> = {
  ContainerStartupHealthCheckTimeoutInSeconds: 900,
  ModelDataDownloadTimeoutInSeconds: 600,
  VolumeSizeInGB: 64,
  RoutingConfig: { RoutingStrategy: 'LEAST_OUTSTANDING_REQUESTS' },
};

export const ownersTag = { Key: 'CostCenter', Value: 'ml-42' };

const target = {
  ServiceNamespace: 'sagemaker',
  ResourceId: `endpoint/${endpoint}/variant/AllTraffic`,
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
} as const;

/** A scaled variant also has an action that runs after every rollout of the search. */
export async function scheduleAction({ autoscaling }: SimulatedClients): Promise<void> {
  const action = { ScheduledActionName: 'spring', Schedule: 'at(2026-04-01T00:00:00)' };
  const ScalableTargetAction = { MinCapacity: 1 };
  await autoscaling.send(new PutScheduledActionCommand({ ...target, ...action, ScalableTargetAction }));
}

export async function readKept(aws: SimulatedClients): Promise<Kept> {
  return { config: await readConfig(aws), scaling: await readScaling(aws) };
}

async function readConfig({ sagemaker }: SimulatedClients): Promise<Kept['config']> {
  try {
    const { EndpointConfigName } = await sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: endpoint }),
    );
    const config = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
    const { Tags = [] } = await sagemaker.send(
      new ListTagsCommand({ ResourceArn: config.EndpointConfigArn }),
    );
    const tags = Tags.filter(({ Key }) => Key === ownersTag.Key);
    const ofVariants = (config.ProductionVariants ?? []).map((variant) => {
      const settings = Object.entries(variant).filter(([member]) => member in hosting);
      return [variant.VariantName, JSON.stringify([settings.toSorted(), config.DataCaptureConfig, tags])];
    });
    return Object.fromEntries(ofVariants) as Record<string, string>;
  } catch {
    return null;
  }
}

async function readScaling({ autoscaling }: SimulatedClients): Promise<Kept['scaling']> {
  const found = Object.entries(await scalingsOf(autoscaling)).map(([name, scaling]) => {
    const [ofEndpoint, variant = ''] = name.split('/');
    return [ofEndpoint === endpoint ? variant : name, JSON.stringify(scaling)];
  });
  return Object.fromEntries(found) as Record<string, string>;
}
