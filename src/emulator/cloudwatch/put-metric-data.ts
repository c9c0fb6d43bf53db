import { z } from 'zod';
import { operation } from '../http/operation.js';
import { ServiceError } from '../http/service-error.js';
import { Distribution } from './distribution.js';
import { dimensions, metricIdOf, namespace, time } from './shapes.js';

const datum = z.looseObject({
  MetricName: z.string().min(1).max(255),
  Dimensions: dimensions,
  Timestamp: time.optional(),
  Value: z.number().optional(),
  Values: z.array(z.number()).max(150).optional(),
  Counts: z.array(z.number().min(0)).max(150).optional(),
  StatisticValues: z
    .object({ SampleCount: z.number(), Sum: z.number(), Minimum: z.number(), Maximum: z.number() })
    .optional(),
  Unit: z.string().optional(),
  StorageResolution: z.literal([1, 60]).optional(),
});

const request = z.looseObject({ Namespace: namespace, MetricData: z.array(datum).max(1000) });

export const putMetricData = operation('PutMetricData', request, ({ Namespace, MetricData }, { world }) => {
  if (Namespace.startsWith('AWS/')) {
    throw new ServiceError('InvalidParameterValue', 'The value AWS/ for parameter Namespace is invalid.');
  }
  for (const each of MetricData) {
    const resolutionMs = (each.StorageResolution ?? 60) * 1000;
    const start = Math.floor((each.Timestamp ?? world.time) / resolutionMs) * resolutionMs;
    const id = metricIdOf({ Namespace, ...each });
    world.metrics.put(id, each.Unit ?? 'None', { start, values: valuesOf(each) }, world.time);
  }
  return {};
});

function valuesOf(given: z.output<typeof datum>): Distribution {
  const values = new Distribution();
  if (given.StatisticValues) {
    const { SampleCount, Sum, Minimum, Maximum } = given.StatisticValues;
    values.add(Sum / SampleCount, SampleCount);
    values.override({ count: SampleCount, sum: Sum, minimum: Minimum, maximum: Maximum });
  } else if (given.Values) {
    given.Values.forEach((value, index) => values.add(value, given.Counts?.[index] ?? 1));
  } else if (given.Value !== undefined) {
    values.add(given.Value);
  } else {
    throw new ServiceError(
      'MissingParameter',
      'At least one of the parameters Value, Values and StatisticValues must be specified.',
    );
  }
  return values;
}
