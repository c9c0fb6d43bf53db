/** `serve`: what both variants run on. */
import { z } from 'zod';
import { parseDuration } from '../../units/durations.js';
import { countSchema, duration, instanceType } from './scalars.js';

/** Source: SageMaker's MetricsConfig.MetricPublishFrequencyInSeconds. */
const metricPeriods = ['10s', '30s', '60s', '1m', '120s', '2m', '180s', '3m', '240s', '4m', '300s', '5m'];

const limits = z
  .strictObject({
    deploy: duration.prefault('1h').describe('From the request for an endpoint change to its verified end.'),
    shift: duration.prefault('30m').describe('From the request for a weight change to its verified end.'),
    rollBack: duration.prefault('2h').describe('How long a rollback is retried before a person is called.'),
  })
  .prefault({});

export const serving = z.strictObject({
  instance: instanceType
    .optional()
    .describe("Instance type of each variant. Default: the live baseline's; needed where there is none."),
  count: countSchema(1_000)
    .optional()
    .describe("Instances for all of the traffic. Default: the live baseline's; needed where there is none."),
  topology: z
    .enum(['variants', 'endpoints'])
    .default('variants')
    .describe(
      'variants: both models on one endpoint, its weights divide the traffic. endpoints: an endpoint each, the switch divides.',
    ),
  capacity: z
    .enum(['full', 'scaleCandidate', 'scaleBoth'])
    .default('scaleCandidate')
    .describe(
      "How instance counts follow the traffic. full: `count` for both from the start. scaleCandidate: the candidate has its share's, the baseline keeps its own. scaleBoth: a way back then waits for instances.",
    ),
  metricsEvery: z
    .enum(metricPeriods)
    .transform(parseDuration)
    .prefault('60s')
    .describe('How often SageMaker publishes invocation metrics.'),
  limits: limits.describe('How long changes to the endpoint may take.'),
});
