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
import { endpoint, type Account } from '../scenario.js';
import { isOther } from './others.js';

/** One of the other variants in the endpoint's config. */
export interface KeptOther {
  name: string;
  weight: number | undefined;
  count: number | undefined;
  /** The rest of its settings, and its scalable target. */
  settings: string;
}

/** Each variant's own text, without its name. Null: the endpoint or its config does not exist. */
export interface Kept {
  /** Settings of the endpoint config that the rollout does not decide, and the owner's tag. `config` and `scaling`: of the pair. */
  config: Record<string, string> | null;
  /** The scalable targets. */
  scaling: Record<string, string>;
  others: KeptOther[];
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

export async function readKept(aws: SimulatedClients, account: Pick<Account, 'others'>): Promise<Kept> {
  const config = await readConfig(aws);
  const scaling = await readScaling(aws);
  const ofPair = (texts: Record<string, string>) =>
    Object.fromEntries(Object.entries(texts).filter(([variant]) => !isOther(variant, account)));
  return {
    config: config && ofPair(config.settings),
    scaling: ofPair(scaling),
    others: account.others.map(({ name }) => otherIn(name, config, scaling)),
  };
}

interface ReadConfig {
  /** By variant, see Kept. */
  settings: Record<string, string>;
  variants: ProductionVariant[];
}

async function readConfig({ sagemaker }: SimulatedClients): Promise<ReadConfig | null> {
  try {
    const { EndpointConfigName } = await sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: endpoint }),
    );
    const config = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
    const { Tags = [] } = await sagemaker.send(
      new ListTagsCommand({ ResourceArn: config.EndpointConfigArn }),
    );
    const tags = Tags.filter(({ Key }) => Key === ownersTag.Key);
    const variants = config.ProductionVariants ?? [];
    const ofVariants = variants.map((variant) => {
      const settings = Object.entries(variant).filter(([member]) => member in hosting);
      return [variant.VariantName, JSON.stringify([settings.toSorted(), config.DataCaptureConfig, tags])];
    });
    return { settings: Object.fromEntries(ofVariants) as Record<string, string>, variants };
  } catch {
    return null;
  }
}

function otherIn(name: string, config: ReadConfig | null, scaling: Kept['scaling']): KeptOther {
  const found = config?.variants.find(({ VariantName }) => VariantName === name);
  const { InitialVariantWeight, InitialInstanceCount, ...settings } = found ?? {};
  return {
    ...{ name, weight: InitialVariantWeight, count: InitialInstanceCount },
    settings: JSON.stringify([Object.entries(settings).toSorted(), scaling[name]]),
  };
}

async function readScaling({ autoscaling }: SimulatedClients): Promise<Kept['scaling']> {
  const found = Object.entries(await scalingsOf(autoscaling)).map(([name, scaling]) => {
    const [ofEndpoint, variant = ''] = name.split('/');
    return [ofEndpoint === endpoint ? variant : name, JSON.stringify(scaling)];
  });
  return Object.fromEntries(found) as Record<string, string>;
}
