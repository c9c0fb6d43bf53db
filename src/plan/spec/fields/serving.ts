/** `serve`: instances and endpoints of both variants. */
import { z } from 'zod';
import { parseDuration } from '../../units/durations.js';
import { variantSettings } from '../members/variant-settings.js';
import { countSchema, duration, instanceType } from './scalars.js';
import { variantNames } from './variant-names.js';

/** Source: SageMaker's MetricsConfig.MetricPublishFrequencyInSeconds. */
const metricPeriods = ['10s', '30s', '60s', '1m', '120s', '2m', '180s', '3m', '240s', '4m', '300s', '5m'];

const limits = z
  .strictObject({
    deploy: duration.prefault('1h').describe('From the request for an endpoint change until it is verified.'),
    shift: duration.prefault('30m').describe('From the request for a weight change until it is verified.'),
    rollBack: duration
      .prefault('2h')
      .describe('Time that a rollback is retried before an operator is paged.'),
  })
  .prefault({});

export const serving = z.strictObject({
  instance: instanceType
    .optional()
    .describe("Instance type of each variant. Default: the live baseline's. Needed without a live baseline."),
  count: countSchema(1_000)
    .optional()
    .describe(
      "Instances for all of the traffic. Default: the live baseline's. Needed without a live baseline.",
    ),
  topology: z
    .enum(['variants', 'endpoints'])
    .default('variants')
    .describe(
      'variants: both models are on one endpoint, whose weights divide the traffic. endpoints: each model has an endpoint, and the switch divides the traffic.',
    ),
  capacity: z
    .enum(['full', 'scaleCandidate', 'scaleBoth'])
    .default('scaleCandidate')
    .describe(
      'Instance counts during the rollout. full: both variants have `count` instances from the start. scaleCandidate: the candidate is scaled to its share, the baseline keeps its instances. scaleBoth: both are scaled to their shares, so a rollback waits for instances.',
    ),
  variantNames: variantNames
    .optional()
    .describe(
      "The name of the variant that a promoted endpoint has. stable: the baseline's name. alternate: the one of two names that the baseline does not have. perRollout: a name of the rollout. Default: stable, and perRollout with models.baseline.variant.",
    ),
  metricsEvery: z
    .enum(metricPeriods)
    .transform(parseDuration)
    .prefault('60s')
    .describe('How often SageMaker publishes invocation metrics.'),
  limits: limits.describe('Time limits for changes to the endpoint.'),
  variant: variantSettings
    .optional()
    .describe(
      "Members of ProductionVariant for which there is no field, as AWS writes them. They replace those of the copy of the baseline's variant.",
    ),
});
