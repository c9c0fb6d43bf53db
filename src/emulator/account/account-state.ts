import { ScalingState } from '../application-auto-scaling/scaling-state.js';
import { AlarmHistory } from '../cloudwatch/alarms/alarm-history.js';
import type { Alarm, MetricAlarm } from '../cloudwatch/alarms/alarm-state.js';
import { MetricStore } from '../cloudwatch/metrics/store.js';
import { LogStore } from '../logs/log-store.js';
import type { Programs } from '../programs/programs.js';
import type { Endpoint } from '../sagemaker/endpoints/endpoint-state.js';
import { type SageMakerOptions, SageMakerSettings } from '../sagemaker/settings.js';
import { type Behaviour, Behaviours } from '../traffic/behaviours.js';
import { InstanceLogs } from '../traffic/instances/instance-logs.js';
import { InvocationLogs } from '../traffic/invocation-log.js';
import { ServedRequests } from '../traffic/served-requests.js';
import { SimulatedTraffic, type TrafficSetting } from '../traffic/traffic.js';
import { Scheduler } from './scheduler.js';
import { CallLog } from './calls.js';
import type { Clock } from './clock.js';
import type { CustomPace, PaceName } from './durations.js';
import { Pace } from './durations.js';
import { PreviousResponses } from './previous-responses.js';
import { Faults } from './faults.js';
import { HeldRequests } from './held-requests.js';
import { Outages } from './outages.js';
import { Quotas } from './quotas.js';
import { Random } from './random.js';
import type {
  EndpointConfig,
  Model,
  ModelPackage,
  ModelPackageGroup,
  Tags,
  TrainingJob,
} from './resources.js';

export interface AccountOptions {
  clock: Clock;
  seed: number;
  account: string;
  region: string;
  pace: PaceName | CustomPace;
  lateMs: number | undefined;
  behaviours: Behaviour[];
  traffic: TrafficSetting[];
  /** Whether real requests to simulated models take their drawn latency. False if the clock is not the system's. */
  realTime: boolean;
  enforceQuotas: boolean;
  /** Quotas in calls per second that differ from the defaults. */
  quotas: Record<string, number>;
  sageMaker: SageMakerOptions;
  /** Actions of IAM. */
  deniedActions: readonly string[];
  programs: Programs;
  /** The log of the home region, for the account of another one. Null for the home region. */
  callsOfHome: CallLog | null;
}

/** All state of the emulated account in one region. Time stops between requests: `advanceToNow` moves it to the clock's time. */
export class AccountState {
  /** Epoch ms. While a scheduled entry runs, this is the time of that entry. */
  time = 0;
  /** The clock's first time. Relative times in faults and scenarios count from it. */
  startedAt = 0;
  /** Increases with every change. */
  changes = 0;
  private closed = false;
  /** All random streams except those of faults and traffic. */
  readonly randoms: Record<string, Random>;
  readonly scheduler = new Scheduler();
  readonly random: Random;
  readonly pace: Pace;

  readonly models = new Map<string, Model>();
  readonly endpointConfigs = new Map<string, EndpointConfig>();
  /** By name in lower case. */
  readonly endpoints = new Map<string, Endpoint>();
  readonly trainingJobs = new Map<string, TrainingJob>();
  readonly packageGroups = new Map<string, ModelPackageGroup>();
  /** By ARN. */
  readonly packages = new Map<string, ModelPackage>();
  /** By ARN. */
  readonly tags = new Map<string, Tags>();
  readonly metrics = new MetricStore();
  readonly invocations = new InvocationLogs(
    this.metrics,
    ({ endpoint, variant }) => this.random.fork(`latencies:${endpoint}/${variant}`).seed,
    ({ endpoint, variant }) =>
      this.endpoints.get(endpoint.toLowerCase())?.meter?.concurrencyOf(variant) ?? null,
  );
  readonly instances = new InstanceLogs(
    this.metrics,
    ({ endpoint, variant }) => this.random.fork(`instances:${endpoint}/${variant}`).seed,
    () => this.pace.lateMs,
  );
  readonly logs = new LogStore();
  readonly alarms = new Map<string, Alarm>();
  readonly alarmHistory = new AlarmHistory();
  readonly scaling: ScalingState;
  /** Called for every action that a metric alarm takes. */
  onAlarmAction: (alarm: MetricAlarm, action: string) => void = () => undefined;

  readonly sageMaker: SageMakerSettings;
  readonly behaviours: Behaviours;
  readonly traffic: SimulatedTraffic;
  readonly served = new ServedRequests();
  readonly faults: Faults;
  readonly quotas: Quotas;
  readonly heldRequests = new HeldRequests();
  readonly previousResponses = new PreviousResponses();
  readonly outages = new Outages();
  readonly calls: CallLog;

  constructor(readonly options: AccountOptions) {
    this.calls = options.callsOfHome ?? new CallLog();
    this.random = new Random(options.seed);
    this.pace = new Pace(options.pace, options.lateMs, this.random.fork('durations'));
    this.quotas = new Quotas(options.enforceQuotas, options.quotas);
    this.faults = new Faults(this.random.fork('faults'));
    this.behaviours = new Behaviours(options.behaviours);
    this.traffic = new SimulatedTraffic(options.traffic);
    this.scaling = new ScalingState(this.random.fork('autoScaling'));
    const sageMakerRandom = this.random.fork('sageMaker');
    this.sageMaker = new SageMakerSettings(options.sageMaker, sageMakerRandom);
    this.randoms = {
      ...{ account: this.random, durations: this.pace.random, sageMaker: sageMakerRandom },
      autoScaling: this.scaling.random,
    };
  }

  /** Runs everything that is due, each at its own time, and then `act`. */
  async advanceToNow<T>(act: () => T): Promise<T> {
    await this.advanceBy();
    this.changes += 1;
    return act();
  }

  /** Runs everything that is due. */
  async advanceBy(): Promise<void> {
    this.advance(await this.options.clock.now());
  }

  /** After this, a program that ends later no longer changes the account. */
  close(): void {
    this.closed = true;
  }

  private advance(now: number): void {
    // Nothing is due before the clock's first time.
    if (this.time === 0) this.time = this.startedAt = now;
    for (let entry = this.scheduler.popDue(now); entry; entry = this.scheduler.popDue(now)) {
      this.time = Math.max(this.time, entry.at);
      entry.run();
      this.changes += 1;
    }
    this.time = Math.max(this.time, now);
  }

  /** Runs `act` after `delayMs`, and not before `ready` has settled. `ready`: for example the start of a program. */
  after<T>(delayMs: number, ready: Promise<T> | null, act: (result: T | null) => void): void {
    const due = this.time + delayMs;
    if (!ready) {
      this.scheduler.add(due, () => act(null));
      return;
    }
    // A program may be ready before or after the emulated duration. The later time counts.
    void ready.then((result) => {
      if (this.closed) return;
      return this.advanceToNow(() => this.scheduler.add(Math.max(due, this.time), () => act(result)));
    });
  }

  arn(kind: string, name: string, service = 'sagemaker'): string {
    const { region, account } = this.options;
    return `arn:aws:${service}:${region}:${account}:${kind}${service === 'cloudwatch' ? ':' : '/'}${name}`;
  }

  /** Simulates all traffic up to now. Call it before a change that affects traffic. */
  catchUpTraffic(): void {
    for (const endpoint of this.endpoints.values()) endpoint.meter?.catchUp();
  }
}
