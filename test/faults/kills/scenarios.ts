/** Rollouts that run repeatedly, each time with other kills. They take seconds, not minutes. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Phase } from '../../../src/plan/outcome.js';
import { createModel } from '../../e2e/live-endpoint.js';
import { newServe, specOf, trained } from '../../e2e/specs.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';
import type { Scenario } from './run-scenario.js';

const ben = { actor: 'ben', reason: 'a test' };
const errorRate = { metric: 'errorRate', below: '2%', minimumRequests: 50, window: '10s', dataDelay: '2s' };
export const alarmOf = (endpoint: string) => `${endpoint}-alarm`;
export const isBaking = ({ phase, share }: { phase: Phase | null; share: number | null }) =>
  phase === 'baking' && share === 50;

async function putWatched(environment: E2eEnvironment, endpoint: string): Promise<void> {
  await environment.putAlarm(alarmOf(endpoint));
  await environment.putLive(endpoint);
}

export const canary: Scenario = {
  name: 'canary',
  outcome: 'promoted',
  prepare: putWatched,
  spec: (endpoint) =>
    specOf(endpoint, {
      strategy: { canary: { steps: ['20%', '50%', '100%'], bake: '3s' } },
      guardrails: [{ alarm: alarmOf(endpoint) }],
    }),
  effects: {
    CreateEndpointConfig: 2,
    UpdateEndpoint: 2,
    UpdateEndpointWeightsAndCapacities: 4,
    DeleteEndpointConfig: 1,
  },
  events: 60,
};

export const experiment: Scenario = {
  name: 'experiment',
  outcome: 'promoted',
  async prepare(environment, endpoint) {
    await environment.emulator.setBehaviour({ model: `${endpoint}-1`, conversionRate: 0.1 });
    await environment.emulator.setBehaviour({ model: `${endpoint}-2`, conversionRate: 0.5 });
    await putWatched(environment, endpoint);
    await environment.waitForVisitors(endpoint);
  },
  spec: (endpoint) =>
    specOf(endpoint, {
      strategy: [
        { abTest: { split: '50%', for: '20s', atMost: '10m' } },
        { canary: { steps: ['100%'], bake: '10s' } },
      ],
      guardrails: [{ alarm: alarmOf(endpoint) }, errorRate],
      goals: [
        {
          metric: 'conversions',
          higherIsBetter: true,
          source: { namespace: 'Shop', name: 'Conversions', per: 'Visitors' },
          weekly: false,
          window: '10s',
          dataDelay: '2s',
        },
      ],
    }),
  effects: {
    CreateEndpointConfig: 2,
    UpdateEndpoint: 2,
    UpdateEndpointWeightsAndCapacities: 3,
    DeleteEndpointConfig: 1,
  },
  events: 50,
};

/** Stays at half of the traffic until the test ends it. */
export const lasting: Scenario = {
  name: 'lasting',
  outcome: 'aborted',
  prepare: putWatched,
  spec: (endpoint) =>
    specOf(endpoint, {
      strategy: {
        canary: {
          steps: [
            { share: '20%', bake: '3s' },
            { share: '50%', bake: '10m' },
          ],
        },
      },
      guardrails: [{ alarm: alarmOf(endpoint) }],
    }),
  effects: {
    CreateEndpointConfig: 1,
    UpdateEndpoint: 2,
    UpdateEndpointWeightsAndCapacities: 3,
    DeleteEndpointConfig: 1,
  },
  events: 60,
};

export const rollback: Scenario = {
  ...lasting,
  name: 'rollback',
  outcome: 'rolledBack',
  async meanwhile({ environment, endpoint, until }) {
    await until(isBaking);
    await environment.setAlarm(alarmOf(endpoint), 'ALARM');
  },
};

export const training: Scenario = {
  name: 'training',
  outcome: 'promoted',
  prepare: (environment, endpoint) => environment.sendUsers(endpoint),
  spec: (endpoint) =>
    specOf(endpoint, {
      models: {
        baseline: trained('small'),
        candidate: trained('large'),
        register: { group: endpoint, approval: 'automatic' },
      },
      serve: newServe,
    }),
  effects: {
    CreateTrainingJob: 2,
    CreateModelPackageGroup: 1,
    CreateModelPackage: 2,
    UpdateModelPackage: 1,
    CreateModel: 2,
    CreateEndpointConfig: 2,
    CreateEndpoint: 1,
    UpdateEndpointWeightsAndCapacities: 2,
    UpdateEndpoint: 1,
    DeleteEndpointConfig: 1,
  },
  events: 70,
};

/** Training jobs that would run for minutes are aborted. */
export const withdrawal: Scenario = {
  name: 'withdrawal',
  outcome: 'aborted',
  durations: { training: 600 },
  prepare: () => Promise.resolve(),
  spec: (endpoint) =>
    specOf(endpoint, {
      models: { baseline: trained('small'), candidate: trained('large') },
      serve: newServe,
    }),
  async meanwhile({ until, signal, effects }) {
    await until(({ phase }) => phase === 'training');
    while (effects().length < 2) await delay(50);
    await signal('abort', ben);
  },
  effects: { CreateTrainingJob: 2, StopTrainingJob: 2 },
  events: 20,
};

/** A rollback without a baseline: no resource remains. */
export const removal: Scenario = {
  name: 'removal',
  outcome: 'rolledBack',
  async prepare(environment, endpoint) {
    await createModel(environment.sagemaker, `${endpoint}-2`);
    await environment.putAlarm(alarmOf(endpoint));
  },
  spec: (endpoint) =>
    specOf(endpoint, {
      models: { candidate: { model: `${endpoint}-2` } },
      serve: newServe,
      strategy: { standard: { bake: '10m' } },
      guardrails: [{ alarm: alarmOf(endpoint) }],
    }),
  async meanwhile({ environment, endpoint, until }) {
    await until(({ phase }) => phase === 'baking');
    await environment.setAlarm(alarmOf(endpoint), 'ALARM');
  },
  effects: { CreateEndpointConfig: 1, CreateEndpoint: 1, DeleteEndpoint: 1, DeleteEndpointConfig: 1 },
  events: 20,
};

/** Each model is on a separate endpoint. The rollout is aborted before the candidate gets users. */
export const twoEndpoints: Scenario = {
  name: 'two-endpoints',
  outcome: 'aborted',
  prepare: putWatched,
  spec: (endpoint) =>
    specOf(endpoint, {
      serve: { topology: 'endpoints', metricsEvery: '10s' },
      gates: [{ before: 'traffic', manual: true }],
      guardrails: [{ alarm: alarmOf(endpoint) }],
    }),
  async meanwhile({ until, signal }) {
    await until(({ phase }) => phase === 'gated');
    await signal('abort', ben);
  },
  effects: { CreateEndpointConfig: 1, CreateEndpoint: 1, DeleteEndpoint: 1, DeleteEndpointConfig: 1 },
  events: 20,
};

export const scenarios = [canary, experiment, rollback, training, withdrawal, removal, twoEndpoints];
