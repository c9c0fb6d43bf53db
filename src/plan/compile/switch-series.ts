/** Series of the metrics that the switch publishes, for either arm. */
import { eitherArm } from './metric-subject.js';
import type { MetricSeries, UserSeries } from '../compiled/guardrail.js';
import {
  productByUser,
  squaresByProcess,
  squaresByUser,
  switchNamespace,
  type SwitchCount,
} from '../split/switch-metrics.js';

/** The switch publishes under the endpoint name that clients use, in lower case, for both arms. */
export function switchSeriesOf(name: string, endpoint: string): MetricSeries {
  const dimensions = {
    EndpointName: endpoint.toLowerCase(),
    RolloutId: eitherArm.rolloutId,
    Role: eitherArm.role,
  };
  return { namespace: switchNamespace, name, stat: 'Sum', dimensions };
}

export function userSeriesOf(trials: SwitchCount, total: SwitchCount, endpoint: string): UserSeries {
  const of = (name: string) => switchSeriesOf(name, endpoint);
  return {
    trials: of(squaresByUser(trials)),
    total: of(squaresByUser(total)),
    product: of(productByUser(trials, total)),
    processes: of(squaresByProcess(trials)),
  };
}
