/** Faults of the worker's own calls. Calls of other people are not affected. */
import { SageMakerServiceException } from '@aws-sdk/client-sagemaker';
import type { Fault } from '../../../../src/emulator/account/faults.js';
import type { EmulatorControls } from '../../../../src/emulator/control/controls.js';
import type { Happening } from '../scenario.js';
import type { Hit } from './record.js';

type CallFault = Extract<Happening, { kind: 'fault' }>;
type ServiceAway = Extract<Happening, { kind: 'serviceAway' }>;
export type WorkerFault = Extract<
  Happening,
  { kind: 'fault' | 'serviceAway' | 'wrongAccount' | 'workerDiesInCall' }
>;
type Death = Extract<Happening, { kind: 'workerDiesInCall' }>;

const ofCloudWatch = ['DescribeAlarms', 'GetMetricData', 'ListMetrics'];
/** The SDK and Temporal wait before they try again. */
const backoffMs = 30_000;

export class WorkerFaults {
  readonly hits: Hit[] = [];
  private readonly armed: (CallFault & { seen: number; hits: number })[] = [];
  private readonly deaths: (Death & { seen: number })[] = [];
  private readonly away: (ServiceAway & { untilMs: number })[] = [];
  private wrongAccountUntilMs = 0;
  private lastArmed: number | null = null;

  constructor(
    private readonly emulator: Pick<EmulatorControls, 'faults'>,
    private readonly nowMs: () => number,
    private readonly kill: (forSeconds: number) => void,
  ) {}

  add(happening: WorkerFault): void {
    const untilMs = (seconds: number) => this.nowMs() + seconds * 1000;
    switch (happening.kind) {
      case 'fault':
        this.armed.push({ ...happening, seen: 0, hits: 0 });
        return;
      case 'serviceAway':
        this.away.push({ ...happening, untilMs: untilMs(happening.forSeconds) });
        return;
      case 'wrongAccount':
        this.wrongAccountUntilMs = Math.max(this.wrongAccountUntilMs, untilMs(happening.forSeconds));
        return;
      case 'workerDiesInCall':
        this.deaths.push({ ...happening, seen: 0 });
        return;
    }
  }

  clear(): void {
    this.armed.length = this.deaths.length = this.away.length = 0;
    this.wrongAccountUntilMs = 0;
  }

  /** Called by the worker's network. */
  before({ operation }: { operation: string }): void {
    this.disarm();
    this.die(operation, 'before');
    if (this.nowMs() < this.wrongAccountUntilMs) return this.answerOfWrongAccount(operation);
    const service = ofCloudWatch.includes(operation) ? 'cloudwatch' : 'sagemaker';
    const away = this.away.find((each) => each.service === service && this.nowMs() < each.untilMs);
    const due = this.armed.filter((each) => each.operation === operation && ++each.seen >= each.nth);
    const single = due.find(({ hits, count }) => hits < count);
    if (away) this.arm(operation, { kind: away.fault });
    else if (single) {
      single.hits++;
      const { fault: kind, data, seconds } = single;
      this.arm(operation, { kind, seconds, ...(data === undefined ? {} : { data }) });
    }
  }

  /** Called by the worker's network. */
  after({ operation }: { operation: string }): void {
    this.disarm();
    this.die(operation, 'after');
  }

  /** The call that follows takes the fault. */
  private arm(operation: string, fault: Omit<Fault, 'operation'>): void {
    this.lastArmed = this.emulator.faults.add({ operation, ...fault });
    const nowMs = this.nowMs();
    const waitsMs = /^(timeout|slow)/.test(fault.kind) ? (fault.seconds ?? 5) * 1000 : 0;
    this.hits.push({ operation, fault: fault.kind, fromMs: nowMs, toMs: nowMs + waitsMs + backoffMs });
  }

  /** A call that is rejected for another reason does not take its fault. */
  private disarm(): void {
    if (this.lastArmed !== null) this.emulator.faults.clear(this.lastArmed);
    this.lastArmed = null;
  }

  private die(operation: string, stage: Death['stage']): void {
    const index = this.deaths.findIndex(
      (each) => each.operation === operation && each.stage === stage && ++each.seen >= each.nth,
    );
    const [death] = index < 0 ? [] : this.deaths.splice(index, 1);
    if (death) this.kill(death.forSeconds);
  }

  /**
   * As AWS answers for names that do not exist there: with the ARN that it looked for, which names the other account. Source:
   * https://github.com/aws/amazon-sagemaker-examples/issues/2402
   */
  private answerOfWrongAccount(operation: string): void {
    const nowMs = this.nowMs();
    this.hits.push({ operation, fault: 'wrongAccount', fromMs: nowMs, toMs: nowMs + backoffMs });
    if (ofCloudWatch.includes(operation)) {
      this.lastArmed = this.emulator.faults.add({ operation, kind: 'wrongData', data: 'emptyResults' });
      return;
    }
    const [what, kind] = /Config/.test(operation)
      ? ['endpoint configuration', 'endpoint-config']
      : ['endpoint', 'endpoint'];
    const arn = `arn:aws:sagemaker:us-east-1:999999999999:${kind}/ranker`;
    throw new SageMakerServiceException({
      name: operation.startsWith('Create') ? 'AccessDeniedException' : 'ValidationException',
      message: operation.startsWith('Create') ? 'not authorized' : `Could not find ${what} "${arn}".`,
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
    });
  }
}
