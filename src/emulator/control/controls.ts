/** Controls of an emulated account, for tests and rehearsals: faults, behaviours, traffic and outages. */
import type { AccountState } from '../account/account-state.js';
import type { CallLog } from '../account/calls.js';
import type { MetricsOutage } from '../account/outages.js';
import type { PartialPublication } from '../cloudwatch/metrics/store.js';
import type { EndpointStatus } from '../sagemaker/endpoints/endpoint-state.js';
import { applySageMakerEvent, type SageMakerEvent } from '../sagemaker/events.js';
import type { Behaviour } from '../traffic/behaviours.js';
import type { ServedModel } from '../traffic/served-requests.js';
import type { TrafficSetting } from '../traffic/traffic.js';

/** An endpoint as it is, whatever faults and stale reads callers get. */
export interface ObservedEndpoint {
  status: EndpointStatus;
  config: string;
  variants: { name: string; model: string; weight: number; count: number }[];
}

export interface EmulatorControls {
  /** No call, so it is not in the log. Null: the endpoint does not exist. */
  observe(endpoint: string): Promise<ObservedEndpoint | null>;
  /** `add` returns an id for `clear`. Without an id, `clear` clears all faults. */
  faults: Pick<AccountState['faults'], 'add' | 'clear' | 'list'>;
  /** Calls held by `holdRequest` and `holdResponse`. `release` releases one or all, and returns their number. */
  held: Pick<AccountState['heldRequests'], 'list' | 'release'>;
  calls: CallLog;
  /** Causes an event in SageMaker without a caller, or changes one of its settings. */
  cause(event: SageMakerEvent): Promise<void>;
  setBehaviour(behaviour: Behaviour): Promise<void>;
  setTraffic(setting: TrafficSetting): Promise<void>;
  /** The simulated requests of every model until now. */
  served(): Promise<ServedModel[]>;
  /** Until it is set to null, GetMetricData fails or returns no data. */
  setMetricsOutage(outage: MetricsOutage | null): Promise<void>;
  /** From now on, readers first get only a share of the newest period. Null: all of it at once. */
  setPartialMetrics(partial: PartialPublication | null): Promise<void>;
  /** While on, the metrics of the variant for periods that end are never published. */
  withholdMetrics(endpoint: string, variant: string, on?: boolean): Promise<void>;
}

export function controlsOf(account: AccountState): EmulatorControls {
  return {
    observe: (endpoint) => account.advanceToNow(() => observed(account, endpoint)),
    faults: account.faults,
    held: account.heldRequests,
    calls: account.calls,
    cause: (event) => account.advanceToNow(() => applySageMakerEvent(account, event)),
    setBehaviour: (behaviour) =>
      account.advanceToNow(() => {
        account.catchUpTraffic();
        account.behaviours.set(behaviour);
      }),
    setTraffic: (setting) =>
      account.advanceToNow(() => {
        account.catchUpTraffic();
        account.traffic.set(setting);
      }),
    served: () =>
      account.advanceToNow(() => {
        account.catchUpTraffic();
        return account.served.list();
      }),
    setMetricsOutage: (outage) => account.advanceToNow(() => void (account.outages.metrics = outage)),
    setPartialMetrics: (partial) => account.advanceToNow(() => void (account.metrics.partial = partial)),
    withholdMetrics: (endpoint, variant, on = true) =>
      account.advanceToNow(() => account.outages.withhold(endpoint, variant, on)),
  };
}

function observed({ endpoints }: AccountState, name: string): ObservedEndpoint | null {
  const endpoint = endpoints.get(name.toLowerCase());
  if (endpoint === undefined) return null;
  const variants = endpoint.variants.map(({ name, model, currentWeight, currentCount }) => ({
    ...{ name, model: model.name, weight: currentWeight, count: currentCount },
  }));
  return { status: endpoint.status, config: endpoint.config.name, variants };
}
