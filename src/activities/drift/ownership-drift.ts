import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { armsOf } from '../endpoint/arms.js';
import { findConfig } from '../endpoint/endpoint-config.js';
import type { Drift, ArmTraffic } from '../interface/traffic.js';
import { readOwner } from '../aws/ownership.js';

/**
 * Checks the configs that the rollout has created and that its endpoints are on. Null if each one exists and
 * its tags name the rollout. SageMaker cannot update an endpoint whose config is deleted. The rollout must not
 * change a config of another owner.
 */
export async function findOwnershipDrift(
  sagemaker: SageMakerClient,
  rolloutId: string,
  traffic: ArmTraffic,
): Promise<Drift | null> {
  const names = new Set(armsOf(traffic).map(({ arm }) => arm.configName));
  const made = [...names].filter((name) => name.startsWith(`${rolloutId}-`));
  const found = await Promise.all(made.map((name) => lostOwnership(sagemaker, rolloutId, name)));
  const message = found.find((one) => one !== null);
  return message === undefined ? null : { kind: 'ownership', message, weights: null };
}

/**
 * A message if the config that served before the rollout no longer exists; else null. That is no drift: users do not
 * depend on it, and the rollout holds its settings.
 */
export async function findDeletedConfig(
  sagemaker: SageMakerClient,
  configName: string,
): Promise<string | null> {
  return (await findConfig(sagemaker, configName)) === null
    ? `endpoint config ${configName}, which served before, no longer exists; a rollback creates it again`
    : null;
}

async function lostOwnership(
  sagemaker: SageMakerClient,
  rolloutId: string,
  configName: string,
): Promise<string | null> {
  const config = await findConfig(sagemaker, configName);
  const what = `endpoint config ${configName}`;
  if (config === null) return `${what} no longer exists`;
  const owner = await readOwner(sagemaker, config.EndpointConfigArn ?? '');
  if (owner.rolloutId === rolloutId) return null;
  return `the tags of ${what} name ${owner.rolloutId === null ? 'no rollout' : `rollout ${owner.rolloutId}`} instead of this rollout`;
}
