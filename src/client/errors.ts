/**
 * Errors of the client. Every message says what happened and what to do next. The fields have the details.
 */
import { taskQueue as defaultQueue } from '../workflows/messages.js';

/** Base class of the errors below: expected errors, printed without a stack trace. */
export abstract class RolloutError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
  }
}

export class RolloutAlreadyRunning extends RolloutError {
  constructor(
    readonly endpoint: string,
    readonly workflowId: string,
    readonly runId: string,
    readonly phase: string | null,
    readonly startedBy: string | null,
  ) {
    super(
      `A rollout of ${endpoint} is already running (${workflowId}), phase ${phase ?? 'unknown'}, started by ` +
        `${startedBy ?? 'an unknown client'}. Follow it with \`penstock watch ${endpoint}\`, ` +
        `or abort it with \`penstock abort ${endpoint}\`.`,
    );
  }
}

/** EventBridge delivered an approval that is not in the documented form. */
export class InvalidApprovalEvent extends RolloutError {
  constructor(
    readonly member: string,
    readonly found: unknown,
    allowed: string,
  ) {
    super(
      `Cannot read the approval: ${member} of the event is ${JSON.stringify(found) ?? 'missing'}, expected ${allowed}. ` +
        `Nothing was started. Check the rule's target: it must get the whole event.`,
    );
  }
}

/** The function that starts rollouts has the spec of another group. */
export class WrongGroup extends RolloutError {
  constructor(
    readonly endpoint: string,
    readonly expected: unknown,
    readonly found: string,
  ) {
    super(
      `Cannot roll out a version of model package group ${found} on ${endpoint}: the candidate of the spec is ` +
        `${typeof expected === 'string' ? `group ${expected}` : 'no group'}. Nothing was started. ` +
        `Give the function a spec with this group, or the rule the group of the spec.`,
    );
  }
}

/** The spec was not sent: Temporal would reject it, or a later run of the rollout would have no room for it. */
export class SpecTooLarge extends RolloutError {
  /** `subject`: the endpoint, or the name of the waves. */
  constructor(
    readonly subject: string,
    readonly bytes: number,
    readonly maxBytes: number,
  ) {
    super(
      `The spec of ${subject} has ${bytes} bytes of JSON, more than ${maxBytes}. Nothing was started. ` +
        `Use fewer or smaller golden records.`,
    );
  }
}

export class RolloutNotFound extends RolloutError {
  constructor(readonly endpoint: string) {
    super(`There is no rollout of ${endpoint}. \`penstock list --all\` shows all rollouts.`);
  }
}

export class WavesAlreadyRunning extends RolloutError {
  constructor(
    readonly waves: string,
    readonly workflowId: string,
    readonly startedBy: string | null,
  ) {
    super(
      `Waves ${waves} are already running (${workflowId}), started by ${startedBy ?? 'an unknown client'}. ` +
        `Check them with \`penstock waves ${waves}\`, or abort them with \`penstock waves abort ${waves}\`.`,
    );
  }
}

export class WavesNotFound extends RolloutError {
  constructor(readonly waves: string) {
    super(`There are no waves ${waves}, or their history in Temporal has expired.`);
  }
}

/** The waves workflow was terminated or cancelled in Temporal, or its code failed. Started rollouts continue. */
export class WavesEndedAbnormally extends RolloutError {
  constructor(
    readonly waves: string,
    readonly how: string,
    cause?: unknown,
  ) {
    super(
      `Waves ${waves} ended abnormally (${how}). No further wave starts. Rollouts that have started keep running: ` +
        `check them with \`penstock list\`.`,
      cause,
    );
  }
}

/** The rollout rejected the command. `reason` says why. */
export class CommandRejected extends RolloutError {
  constructor(
    readonly endpoint: string,
    readonly command: string,
    readonly reason: string,
  ) {
    super(`Cannot ${command} ${endpoint}: ${reason}`);
  }
}

/** The workflow was terminated or cancelled in Temporal, or its code failed. Nothing rolls back automatically. */
export class RolloutEndedAbnormally extends RolloutError {
  constructor(
    readonly endpoint: string,
    readonly how: string,
    cause?: unknown,
  ) {
    super(
      `The rollout of ${endpoint} ended abnormally (${how}). Nothing was rolled back: check the endpoint's weights, ` +
        `and start the next rollout when they are correct.`,
      cause,
    );
  }
}

/** `expires`: ISO 8601; null: Temporal keeps the command until a worker applies it. */
export interface UnansweredCommand {
  command: string;
  expires: string | null;
}

/** A running rollout. `phase`: null if unknown. `taskQueue`: of the workers that run it. */
export interface RunningAt {
  phase: string | null;
  taskQueue: string;
}

/** Temporal responds, but no worker does. `unanswered`: the command that failed; null for other calls. */
export class NoWorker extends RolloutError {
  constructor(
    readonly endpoint: string,
    readonly at: RunningAt,
    cause?: unknown,
    message = `No worker responds for ${endpoint}${inPhase(at)}. Run \`${workerCommandOf(at)}\`. ` +
      `The rollout then continues from where it stopped.`,
    readonly unanswered: UnansweredCommand | null = null,
  ) {
    super(unanswered === null ? message : `${message} ${fateOf(unanswered)}`, cause);
  }

  forCommand(unanswered: UnansweredCommand): NoWorker {
    return new NoWorker(this.endpoint, this.at, this.cause, this.message, unanswered);
  }
}

function workerCommandOf({ taskQueue }: RunningAt): string {
  return taskQueue === defaultQueue ? 'penstock worker' : `penstock worker --task-queue ${taskQueue}`;
}

function fateOf({ command, expires }: UnansweredCommand): string {
  return expires === null
    ? `Temporal keeps the ${command}, because a rollback must not be lost: the next worker applies it.`
    : `The ${command} is not applied after ${expires}: send it again when a worker runs.`;
}

/** Workers run, but every workflow task of this rollout fails. */
export class WorkerFailing extends NoWorker {
  constructor(endpoint: string, at: RunningAt, cause?: unknown, unanswered: UnansweredCommand | null = null) {
    super(
      endpoint,
      at,
      cause,
      `Workers fail to make progress on ${endpoint}${inPhase(at)}: their workflow code is incompatible with its ` +
        `history, or has a bug. The failed workflow task in Temporal's Web UI shows which. Run workers of a compatible ` +
        `version (docs/upgrading.md). The rollout then continues from where it stopped.`,
      unanswered,
    );
  }

  override forCommand(unanswered: UnansweredCommand): WorkerFailing {
    return new WorkerFailing(this.endpoint, this.at, this.cause, unanswered);
  }
}

function inPhase({ phase }: RunningAt): string {
  return phase === null ? '' : ` (phase ${phase})`;
}

/** `unanswered`: the command that failed; null for other calls. */
export class TemporalUnreachable extends RolloutError {
  constructor(
    readonly address: string,
    readonly detail: string,
    cause?: unknown,
    readonly unanswered: UnansweredCommand | null = null,
  ) {
    super(
      `Cannot reach Temporal at ${address} (${detail}). Check TEMPORAL_ADDRESS or --address. ` +
        `Temporal keeps running rollouts: they are not lost.${unanswered === null ? '' : uncertainFateOf(unanswered)}`,
      cause,
    );
  }

  forCommand(unanswered: UnansweredCommand): TemporalUnreachable {
    return new TemporalUnreachable(this.address, this.detail, this.cause, unanswered);
  }
}

/** The request may have arrived before the connection was lost. */
function uncertainFateOf({ command, expires }: UnansweredCommand): string {
  return expires === null
    ? ` If the ${command} has arrived, a worker applies it. Otherwise send it again: twice has the effect of once.`
    : ` If the ${command} has arrived, it is not applied after ${expires}: check the status, then send it again.`;
}

/** Temporal rejected the request: wrong credentials, unknown namespace, or an invalid request. */
export class TemporalRejected extends RolloutError {
  constructor(
    readonly address: string,
    readonly namespace: string,
    readonly detail: string,
    advice: string,
    cause?: unknown,
  ) {
    super(
      `Temporal at ${address}, namespace ${namespace}, rejected the request: ${detail}. ${advice}`,
      cause,
    );
  }
}

/** TEMPORAL_* or temporal.toml is invalid. */
export class InvalidConnectionSettings extends RolloutError {
  constructor(detail: string, cause?: unknown) {
    super(`Invalid Temporal settings (TEMPORAL_*, temporal.toml): ${detail}`, cause);
  }
}
