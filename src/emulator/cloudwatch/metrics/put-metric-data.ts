import type { MetricDatum, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { operation } from '../../http/operation.js';
import { ServiceError } from '../../http/service-error.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import type { AccountState } from '../../account/account-state.js';
import { Distribution } from './distribution.js';
import { metricIdOf } from '../shapes.js';

type Datum = Validated<MetricDatum>;

const maximumMetrics = 1_000;
const maximumValues = 150;
const hourMs = 3_600_000;
const oldestMs = 14 * 24 * hourMs;
const newestMs = 2 * hourMs;

export const putMetricData = operation(
  'PutMetricData',
  modelled<PutMetricDataInput>(),
  ({ Namespace = '', MetricData = [] }, { account }) => {
    if (Namespace.startsWith('AWS/') || Namespace.startsWith(':')) {
      throw invalidValue(`The value ${Namespace} for parameter Namespace is invalid.`);
    }
    if (MetricData.length > maximumMetrics) {
      throw invalidValue(`The collection MetricData must not have a size greater than ${maximumMetrics}.`);
    }
    // A refused call stores none of its data.
    const points = MetricData.map((datum, index) =>
      pointOf(account, datum, `MetricData.member.${index + 1}`),
    );
    points.forEach((point, index) => {
      const datum = MetricData[index];
      if (datum)
        account.metrics.put(metricIdOf({ Namespace, ...datum }), datum.Unit ?? 'None', point, account.time);
    });
    return {};
  },
);

function pointOf(account: AccountState, datum: Datum, path: string): { start: number; values: Distribution } {
  const time = datum.Timestamp === undefined ? account.time : datum.Timestamp.getTime();
  if (time < account.time - oldestMs) {
    throw invalidValue(
      `The parameter ${path}.Timestamp must specify a time no more than two weeks in the past.`,
    );
  }
  if (time > account.time + newestMs) {
    throw invalidValue(
      `The parameter ${path}.Timestamp must specify a time no more than two hours in the future.`,
    );
  }
  const resolution = datum.StorageResolution ?? 60;
  if (resolution !== 1 && resolution !== 60) {
    throw invalidValue(`The value ${resolution} for parameter ${path}.StorageResolution is invalid.`);
  }
  const resolutionMs = resolution * 1000;
  return { start: Math.floor(time / resolutionMs) * resolutionMs, values: valuesOf(datum, path) };
}

function valuesOf(datum: Datum, path: string): Distribution {
  const given = (['Value', 'Values', 'StatisticValues'] as const).filter((name) => datum[name] !== undefined);
  const [first, second] = given;
  if (first === undefined) {
    throw new ServiceError(
      'MissingParameter',
      `At least one of the parameters must be specified: ${path}.Value, ${path}.Values, ${path}.StatisticValues.`,
    );
  }
  // CloudWatch accepts Values and StatisticValues together (LocalStack's recording test_put_metric_data_validation). It
  // is a guess that it then stores only the latter.
  if (first === 'Value' && second !== undefined) {
    throw new ServiceError(
      'InvalidParameterCombination',
      `The parameters ${path}.${first} and ${path}.${second} are mutually exclusive and you have specified both.`,
    );
  }
  if (datum.StatisticValues) return ofStatisticSet(datum.StatisticValues, path);
  return ofValues(datum.Values ?? [datum.Value ?? 0], datum.Counts, path);
}

function ofValues(values: number[], counts: number[] | undefined, path: string): Distribution {
  if (values.length > maximumValues) {
    throw invalidValue(`The collection ${path}.Values must not have a size greater than ${maximumValues}.`);
  }
  if (counts && counts.length !== values.length) {
    throw invalidValue(`The parameters ${path}.Values and ${path}.Counts must be of the same size.`);
  }
  const distribution = new Distribution();
  values.forEach((value, index) => {
    requireNumber(value, `${path}.Value`);
    distribution.add(value, counts?.[index] ?? 1);
  });
  return distribution;
}

function ofStatisticSet(set: NonNullable<Datum['StatisticValues']>, path: string): Distribution {
  const { SampleCount: count = 0, Sum: sum = 0, Minimum: minimum = 0, Maximum: maximum = 0 } = set;
  for (const figure of [count, sum, minimum, maximum]) requireNumber(figure, `${path}.StatisticValues`);
  if (count <= 0 || minimum > maximum) {
    throw invalidValue(`The value of the parameter ${path}.StatisticValues is invalid.`);
  }
  return Distribution.ofSummary({ count, sum, minimum, maximum });
}

/** The wire format allows NaN and the infinities, but CloudWatch refuses them. */
function requireNumber(value: unknown, name: string): void {
  if (!Number.isFinite(value))
    throw invalidValue(`The value ${String(value)} for parameter ${name} is invalid.`);
}

function invalidValue(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message);
}
