import assert from 'node:assert/strict';
import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { pinnedVariants } from '../../../src/activities/alarms/alarm-metrics.js';
import { candidateRuleOf } from '../../../src/activities/alarms/candidate-rule.js';

const endpoint = 'Digits';
const candidate = { endpoint, variant: 'b-1a2b3c4d' };
const own = { endpoint: 'digits-1a2b3c4d', variant: 'b-1a2b3c4d' };

const dimensionsOf = (names: Record<string, string>) =>
  Object.entries(names).map(([Name, Value]) => ({ Name, Value }));
const ofBaseline = { EndpointName: endpoint, VariantName: 'AllTraffic' };

const alarm: MetricAlarm = {
  AlarmName: 'digits-slow',
  AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:digits-slow',
  Namespace: 'AWS/SageMaker',
  MetricName: 'ModelLatency',
  Dimensions: dimensionsOf(ofBaseline),
  ExtendedStatistic: 'p99',
  Unit: 'Microseconds',
  Period: 300,
  EvaluationPeriods: 4,
  DatapointsToAlarm: 2,
  Threshold: 250_000,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'ignore',
  EvaluateLowSampleCountPercentile: 'ignore',
};

/** An alarm on `expression` over the metrics, by their ids. */
function onExpression(expression: string, metrics: Record<string, Record<string, string>>): MetricAlarm {
  const { Namespace, MetricName, Dimensions, ExtendedStatistic, Unit, Period, ...rule } = alarm;
  void [Dimensions, ExtendedStatistic, Unit];
  return {
    ...rule,
    Metrics: [
      { Id: 'value', Expression: expression, ReturnData: true },
      ...Object.entries(metrics).map(([Id, names]) => ({
        Id,
        MetricStat: {
          Metric: { Namespace, MetricName, Dimensions: dimensionsOf(names) },
          Period,
          Stat: 'Sum',
        },
        ReturnData: false,
      })),
    ],
  };
}

function variantsIn(changes: MetricAlarm, of = candidate): string[] {
  const found = candidateRuleOf(changes, endpoint, of);
  assert.ok(found.kind === 'rule', JSON.stringify(found));
  return found.queries.flatMap(({ MetricStat }) =>
    MetricStat
      ? [(MetricStat.Metric?.Dimensions ?? []).map(({ Name, Value }) => `${Name}=${Value}`).join()]
      : [],
  );
}

describe('candidateRuleOf', () => {
  it('alarm on one metric -> its own rule, statistic and unit, on the variant of the candidate', () => {
    const found = candidateRuleOf(alarm, endpoint, candidate);
    assert.ok(found.kind === 'rule');
    assert.deepEqual(found.rule, {
      periodSeconds: 300,
      evaluationPeriods: 4,
      datapointsToAlarm: 2,
      comparison: 'GreaterThanOrEqualToThreshold',
      threshold: 250_000,
      missingData: 'ignore',
      minimumSamples: 1000,
    });
    assert.equal(found.watched, 'metric');
    assert.deepEqual(found.queries, [
      {
        Id: 'metric',
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SageMaker',
            MetricName: 'ModelLatency',
            Dimensions: dimensionsOf({ EndpointName: endpoint, VariantName: candidate.variant }),
          },
          Period: 300,
          Stat: 'p99',
          Unit: 'Microseconds',
        },
        ReturnData: true,
      },
    ]);
  });

  it('alarm without DatapointsToAlarm and TreatMissingData -> all datapoints, missing', () => {
    const plain = { ...alarm };
    delete plain.DatapointsToAlarm;
    delete plain.TreatMissingData;
    const found = candidateRuleOf(
      { ...plain, EvaluateLowSampleCountPercentile: 'evaluate' },
      endpoint,
      candidate,
    );
    assert.ok(found.kind === 'rule');
    const { datapointsToAlarm, missingData, minimumSamples } = found.rule;
    assert.deepEqual([datapointsToAlarm, missingData, minimumSamples], [4, 'missing', null]);
  });

  it('percentile below the median, few samples ignored -> ten of the samples below it', () => {
    const found = candidateRuleOf({ ...alarm, ExtendedStatistic: 'p10' }, endpoint, candidate);
    assert.equal(found.kind === 'rule' && found.rule.minimumSamples, 100);
  });

  it('expression: metrics of the variant -> rewritten, metrics of other things -> as they are', () => {
    const math = onExpression('a / b', { a: ofBaseline, b: { LoadBalancer: 'app/shop' } });
    assert.deepEqual(variantsIn(math), [
      `EndpointName=${endpoint},VariantName=b-1a2b3c4d`,
      'LoadBalancer=app/shop',
    ]);
  });

  it('expression between the metrics and the alarm -> not returned, because it can be an array', () => {
    const math = onExpression('SUM(all)', { a: ofBaseline });
    const Metrics = [...(math.Metrics ?? []), { Id: 'all', Expression: 'METRICS()', ReturnData: false }];
    const found = candidateRuleOf({ ...math, Metrics }, endpoint, candidate);
    assert.ok(found.kind === 'rule');
    assert.deepEqual(
      found.queries.map(({ Id, ReturnData }) => [Id, ReturnData]),
      [
        ['value', true],
        ['a', true],
        ['all', false],
      ],
    );
  });

  it('candidate on an endpoint of its own -> the endpoint is rewritten too, with or without a variant', () => {
    const math = onExpression('a / b', { a: ofBaseline, b: { EndpointName: endpoint } });
    assert.deepEqual(variantsIn(math, own), [
      'EndpointName=digits-1a2b3c4d,VariantName=b-1a2b3c4d',
      'EndpointName=digits-1a2b3c4d',
    ]);
  });

  it('metric of DynamoDB -> missing data is ignored, whatever the alarm says', () => {
    const math = onExpression('a + b', { a: ofBaseline, b: {} });
    math.TreatMissingData = 'breaching';
    const b = math.Metrics?.[2]?.MetricStat?.Metric;
    assert.ok(b);
    b.Namespace = 'AWS/DynamoDB';
    const found = candidateRuleOf(math, endpoint, candidate);
    assert.equal(found.kind === 'rule' && found.rule.missingData, 'ignore');
  });

  const unsuitable: [what: string, alarm: MetricAlarm, reason: RegExp][] = [
    [
      'metric of the endpoint',
      { ...alarm, Dimensions: dimensionsOf({ EndpointName: endpoint }) },
      /omit for/,
    ],
    [
      'metric of another endpoint',
      { ...alarm, Dimensions: dimensionsOf({ ...ofBaseline, EndpointName: 'other' }) },
      /none of its metrics is of a variant of endpoint Digits/,
    ],
    [
      'comparison of two variants',
      onExpression('a - b', { a: ofBaseline, b: { ...ofBaseline, VariantName: 'b-old' } }),
      /compares the variants AllTraffic and b-old.*notWorseThanBaselineBy/,
    ],
    [
      'metric with a further dimension',
      { ...alarm, Dimensions: dimensionsOf({ ...ofBaseline, EndpointConfigName: 'digits-v1' }) },
      /dimension EndpointConfigName/,
    ],
    [
      'anomaly detection',
      {
        ...onExpression('ANOMALY_DETECTION_BAND(a, 2)', { a: ofBaseline }),
        ThresholdMetricId: 'value',
        ComparisonOperator: 'GreaterThanUpperThreshold',
      },
      /anomaly detection band is trained for another variant/,
    ],
    [
      'Metrics Insights query',
      onExpression('SELECT MAX(ModelLatency) FROM "AWS/SageMaker"', { a: ofBaseline }),
      /reads metrics by itself.*group by VariantName/,
    ],
    ['search', onExpression("SUM(SEARCH('x', 'Sum', 60)) + a", { a: ofBaseline }), /reads metrics by itself/],
    ['PromQL', { ...alarm, EvaluationCriteria: { PromQLCriteria: { Query: 'up' } } }, /PromQL/],
    [
      'window by the clock',
      { ...alarm, EvaluationWindow: { WallClockWindow: { Timezone: 'UTC' } } },
      /evaluation window follows the clock/,
    ],
    [
      'metric of another account',
      {
        ...alarm,
        Metrics: [
          { Id: 'm', AccountId: '210987654321', MetricStat: { Metric: {}, Period: 60, Stat: 'Sum' } },
        ],
      },
      /another account/,
    ],
    ['unknown comparison', { ...alarm, ComparisonOperator: 'Later' as never }, /update the worker/],
  ];
  for (const [what, changed, reason] of unsuitable) {
    it(`${what} -> unsuitable, with the reason and what to write`, () => {
      const found = candidateRuleOf(changed, endpoint, candidate);
      assert.ok(found.kind === 'unsuitable', JSON.stringify(found));
      assert.match(found.reason, reason);
    });
  }

  it('window that slides -> suitable', () => {
    const sliding = { ...alarm, EvaluationWindow: { SlidingWindow: {} } };
    assert.equal(candidateRuleOf(sliding, endpoint, candidate).kind, 'rule');
  });
});

describe('pinnedVariants', () => {
  it('every metric of a variant of the endpoint -> those variants', () => {
    assert.deepEqual(pinnedVariants(alarm, endpoint), ['AllTraffic']);
    assert.deepEqual(pinnedVariants(onExpression('a + b', { a: ofBaseline, b: ofBaseline }), endpoint), [
      'AllTraffic',
    ]);
    assert.deepEqual(
      pinnedVariants({ ...alarm, Dimensions: dimensionsOf({ VariantName: 'AllTraffic' }) }, endpoint),
      ['AllTraffic'],
    );
  });

  it('a metric of anything else, or a query -> null', () => {
    for (const free of [
      { ...alarm, Dimensions: dimensionsOf({ EndpointName: endpoint }) },
      { ...alarm, Dimensions: dimensionsOf({ ...ofBaseline, EndpointName: 'other' }) },
      onExpression('a + b', { a: ofBaseline, b: { EndpointName: endpoint } }),
      onExpression('SELECT MAX(ModelLatency) FROM "AWS/SageMaker"', { a: ofBaseline }),
      { AlarmName: 'promql', EvaluationCriteria: { PromQLCriteria: { Query: 'up' } } },
    ])
      assert.equal(pinnedVariants(free, endpoint), null, JSON.stringify(free));
  });
});
