/** One rollout in a simulation, and the moments at which its scenario and its people take part. */
import { compilePlan } from '../../plan/compile/compile-plan.js';
import { resourceNamesOf, type Role } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { scheduleOf } from '../../plan/schedule/schedule.js';
import type { ServedModel } from '../../emulator/traffic/served-requests.js';
import type { SpecJson } from '../../client/start-options.js';
import type { Spec } from '../../plan/spec/fields/shape.js';
import type { PollSpan } from '../../simulation/joined-polls.js';
import { Simulation, type SimulationOptions } from '../../simulation/simulation.js';
import { decode } from '../../simulation/temporal/payloads.js';
import type { SimulatedHandle } from '../../simulation/temporal/simulated-temporal.js';
import { attributes, statusQuery, workflowIdOf } from '../../workflows/messages.js';
import { behaviourOf, modelNameOf } from '../account/behaviours.js';
import { buildAccount, identityOf, warmUpSeconds } from '../account/build-account.js';
import { profileOver, withChanges, type RehearsedAccount } from '../account/rehearsed-account.js';
import type { ModelProfile, Scenario } from '../scenario/scenario.js';
import { Agenda } from './agenda.js';
import { applyEvent } from './apply-event.js';
import { approveVersions, openGate, peopleFor, publicKeysOf, type Person } from './people.js';
import { environmentFor, Receivers } from './receivers.js';
import { withoutPatterns } from './rehearsed-golden.js';
import { UserTraffic } from './user-traffic.js';

/** Monday, 5 January 2026, 09:00 UTC. */
const defaultStartMs = Date.UTC(2026, 0, 5, 9);
/** Added to the latest end of a plan, for waits that the plan does not know: holds, approvals, hours. */
const marginSeconds = 2 * 86_400;
const minuteMs = 60_000;

export interface RehearsalRequest {
  spec: Spec;
  json: SpecJson;
  scenario: Scenario;
  /** Before the changes of the scenario. */
  account: RehearsedAccount;
  /** Passed on to the simulation. Default: polls that would see nothing new are left out. */
  simulation: Pick<SimulationOptions, 'sandbox'> & Partial<SimulationOptions>;
}

export interface RecordedEvent {
  atMs: number;
  message: string;
}

/** The requests of every model at a moment. */
export type Served = ReadonlyMap<string, ServedModel>;

export class RehearsedRollout {
  readonly events: RecordedEvent[] = [];
  readonly startMs: number;
  /** When the bad thing happened, and what had been served by then. Null: not yet, or there is none. */
  cause: (RecordedEvent & { served: Served }) | null = null;
  servedBefore: Served = new Map();
  private hasFirstRequest = false;
  private isStopped = false;
  private seenPhase: unknown = undefined;
  private readonly agenda: Agenda;
  readonly traffic: UserTraffic;

  private constructor(
    readonly scenario: Scenario,
    readonly account: RehearsedAccount,
    readonly plan: Plan,
    readonly simulation: Simulation,
    readonly handle: SimulatedHandle,
    readonly receivers: Receivers,
    private readonly people: Person[],
  ) {
    const { clock } = simulation.temporal;
    this.startMs = clock.nowMs;
    this.agenda = new Agenda(clock);
    this.traffic = new UserTraffic(simulation, plan, account, handle.workflowId);
  }

  /** The account is there, and the rollout has been started, when this resolves. `everyPollWithin`: see JoinedPolls. */
  static async open(
    { spec, json, scenario, account: given, simulation: options }: RehearsalRequest,
    everyPollWithin: readonly PollSpan[],
  ): Promise<RehearsedRollout> {
    const workflowId = workflowIdOf(spec.endpoint);
    const draft = compilePlan(spec, { workflowId, runId: 'rehearsal' });
    const account = withChanges(given, scenario.account);
    const people = peopleFor(draft);
    const startMs = scenario.startMs ?? defaultStartMs;
    let receivers: Receivers | null = null;
    const simulation = await Simulation.open({
      leaveOutIdlePolls: true,
      joinPollsExcept: everyPollWithin,
      seed: scenario.seed,
      startMs: startMs - warmUpSeconds * 1000,
      env: environmentFor(draft),
      fetch: (...call) => receivers?.fetch(...call) ?? Promise.reject(new TypeError('fetch failed')),
      actorKeys: publicKeysOf(people),
      ...options,
      account: { ...identityOf(draft), ...options.account },
    });
    receivers = new Receivers(draft, scenario.people, simulation.temporal.clock);
    if (draft.models.baseline.kind === 'live')
      await simulation.emulator.setBehaviour(
        behaviourOf(draft, 'baseline', account.baseline, { account, rolloutId: null }),
      );
    await buildAccount(simulation, draft, account);
    const handle = simulation.startRollout(withoutPatterns(json), 'rehearsal');
    const runId = simulation.temporal.latest(workflowId).options.firstRunId;
    const plan = compilePlan(spec, { workflowId, runId });
    const rollout = new RehearsedRollout(scenario, account, plan, simulation, handle, receivers, people);
    await rollout.prepare();
    return rollout;
  }

  close(): Promise<void> {
    return this.simulation.close();
  }

  /** Lets simulated time pass until the rollout ends, the time of the rehearsal is over, or a span of it is unclear. */
  async play(): Promise<void> {
    const { temporal } = this.simulation;
    const isOver = () => this.hasEnded || this.isStopped || this.simulation.unclear !== null;
    while (!isOver()) {
      const hasWork = () => this.agenda.isDue || this.traffic.hasNews || this.phase !== this.seenPhase;
      await temporal.runUntil(() => isOver() || hasWork(), 'the rollout ends');
      if (this.traffic.hasNews) await this.traffic.follow();
      if (this.phase !== this.seenPhase) await this.onPhase();
      await this.agenda.runDue();
    }
  }

  get nowMs(): number {
    return this.simulation.temporal.clock.nowMs;
  }

  get hasEnded(): boolean {
    const { end } = this.simulation.temporal.latest(this.handle.workflowId);
    return end !== null && end.kind !== 'continuedAsNew';
  }

  /** Until now. */
  async served(): Promise<Served> {
    const models = await this.simulation.emulator.served();
    return new Map(models.map((each) => [each.model, each]));
  }

  modelOf(role: Role): string | null {
    return modelNameOf(this.plan, role);
  }

  private async prepare(): Promise<void> {
    const { scenario, account, plan } = this;
    await this.behave('baseline', account.baseline);
    await this.behave('candidate', profileOver(account.baseline, scenario.candidate));
    if (scenario.candidateStart !== 'healthy') this.failStarts(scenario.candidateStart);
    this.servedBefore = await this.served();
    for (const event of scenario.events)
      if (event.since === 'start') this.schedule(this.startMs + event.at * 1000, event);
    const { latestEndSeconds, earliestEndSeconds } = scheduleOf(plan);
    const seconds = scenario.stopAfter ?? (latestEndSeconds ?? 2 * earliestEndSeconds) + marginSeconds;
    this.agenda.add(this.startMs + seconds * 1000, () => {
      this.isStopped = true;
      return Promise.resolve();
    });
  }

  private async behave(role: Role, profile: ModelProfile): Promise<void> {
    const { account, plan } = this;
    if (plan.models[role].kind === 'none') return;
    const behaviour = behaviourOf(plan, role, profile, { account, rolloutId: plan.rolloutId });
    await this.simulation.emulator.setBehaviour(behaviour);
  }

  /** Every config with the candidate fails; configs with only the baseline work. */
  private failStarts(candidateStart: 'unhealthy' | 'noCapacity'): void {
    const names = resourceNamesOf(this.plan.rolloutId);
    const configs = [
      names.sideBySideConfig,
      names.shadowConfig,
      names.candidateConfig,
      names.singleConfig.candidate,
    ];
    const kind = candidateStart === 'unhealthy' ? 'fail' : 'noCapacity';
    for (const EndpointConfigName of configs)
      for (const operation of ['CreateEndpoint', 'UpdateEndpoint'])
        this.simulation.emulator.faults.add({ operation, kind, every: 1, match: { EndpointConfigName } });
  }

  private schedule(atMs: number, event: Scenario['events'][number]): void {
    this.agenda.add(atMs, async () => {
      await applyEvent(
        {
          ...{ simulation: this.simulation, agenda: this.agenda, traffic: this.traffic },
          ...{ plan: this.plan, account: this.account },
          changeCandidate: (profile) => this.behave('candidate', profileOver(this.account.baseline, profile)),
          record: (message) => this.record(message),
        },
        event,
      );
      const [first] = this.events;
      if (first !== undefined) await this.setCause(first);
    });
  }

  private record(message: string): void {
    this.events.push({ atMs: this.nowMs, message });
  }

  private async setCause(cause: RecordedEvent): Promise<void> {
    this.cause ??= { ...cause, served: await this.served() };
  }

  private get phase(): unknown {
    return this.simulation.temporal.latest(this.handle.workflowId).searchAttributes[attributes.phase.name];
  }

  private async onPhase(): Promise<void> {
    this.seenPhase = this.phase;
    switch (phaseIn(this.phase)) {
      case 'deploying':
        if (this.scenario.candidateStart !== 'healthy')
          await this.setCause({ atMs: this.nowMs, message: 'the candidate starts' });
        return;
      case 'baking':
        return this.onTraffic();
      case 'gated':
        return this.onGate();
      case 'registering':
        if (this.plan.registration?.approval === 'manual') this.approveVersionsLater();
        return;
    }
  }

  /** The candidate gets requests for the first time. */
  private async onTraffic(): Promise<void> {
    const served = await this.served();
    const firstAt = served.get(this.modelOf('candidate') ?? '')?.firstAt ?? null;
    if (this.hasFirstRequest || firstAt === null) return;
    this.hasFirstRequest = true;
    const { candidate, events } = this.scenario;
    if (Object.keys(candidate).length > 0)
      this.cause ??= {
        ...{ atMs: firstAt, message: "the candidate's first request" },
        served: this.servedBefore,
      };
    for (const event of events)
      if (event.since === 'firstRequest') this.schedule(firstAt + event.at * 1000, event);
  }

  private async onGate(): Promise<void> {
    const { approveAfter } = this.scenario.people;
    const { gate: status } = await this.handle.query(statusQuery);
    const step = this.plan.steps.find((each) => each.kind === 'gate' && each.gate.id === status?.id);
    if (step?.kind !== 'gate' || approveAfter === null) return;
    this.agenda.add(this.nowMs + approveAfter * 1000, async () => {
      const { gate: current } = await this.handle.query(statusQuery);
      if (current?.id !== step.gate.id) return;
      const done = await openGate(this.simulation, this.handle.workflowId, step.gate, this.people);
      if (done !== null) this.record(done);
    });
  }

  private approveVersionsLater(): void {
    const { approveAfter } = this.scenario.people;
    if (approveAfter === null) return;
    const approve = async () => {
      if (phaseIn(this.phase) !== 'registering') return;
      const count = await approveVersions(this.simulation, this.plan);
      if (count > 0)
        this.record(`person-1 approves ${count} version${count === 1 ? '' : 's'} in the registry`);
      this.agenda.add(this.nowMs + minuteMs, approve);
    };
    this.agenda.add(this.nowMs + approveAfter * 1000, approve);
  }
}

function phaseIn(payload: unknown): string {
  const value = decode(payload as Parameters<typeof decode>[0]);
  return String(Array.isArray(value) ? value[0] : value);
}
