import { hasOwnDisks } from '../../plan/compiled/own-disks.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { InitialEndpoint } from '../interface/endpoint.js';

/**
 * SageMaker refuses a config with a key if an instance type has local storage, which is encrypted by the instance itself:
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html, KmsKeyId
 */
export function checkEncryption({ serve }: Pick<Plan, 'serve'>, starting: InitialEndpoint): string[] {
  if (starting.kind === 'absent' || starting.settings.KmsKeyId === undefined) return [];
  const type = serve.instanceType ?? starting.instanceType;
  if (!hasOwnDisks(type)) return [];
  return [
    `endpoint config ${starting.configName} has KmsKeyId, which SageMaker refuses for ${type}, because its local storage is always encrypted by its own hardware; set serve.instance to a type without local storage, or move the endpoint to a config without KmsKeyId first`,
  ];
}
