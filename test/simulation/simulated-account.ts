/** Simulations whose account has a live endpoint with traffic. */
import { Simulation, type SimulationOptions } from '../../src/simulation/simulation.js';
import { createModel, createOriginal } from '../e2e/live-endpoint.js';
import { workflowBundle } from '../support/workflow-bundle.js';
import { workflowSandbox } from '../support/workflow-sandbox.js';

const creationMs = 20 * 60_000;

/** ENDPOINT serves model ENDPOINT-1 at 20 requests per second; model ENDPOINT-2 exists. */
export async function openWithEndpoint(
  endpoint: string,
  options: Partial<SimulationOptions> = {},
): Promise<Simulation> {
  const simulation = await Simulation.open({
    sandbox: await workflowSandbox(await workflowBundle()),
    ...options,
  });
  const { aws, temporal, emulator } = simulation;
  for (const model of [`${endpoint}-1`, `${endpoint}-2`]) await createModel(aws.sagemaker, model);
  await createOriginal(aws.sagemaker, endpoint);
  await emulator.setTraffic({ endpoint, requestsPerSecond: 20 });
  await temporal.skip(creationMs);
  return simulation;
}
