/**
 * What can go wrong between a caller and a rollout. Every message is a sentence that a person can act on; the fields
 * are its evidence.
 */
import { taskQueue } from '../workflows/messages.js';

/** Base of all errors below: expected, with a message that needs no stack. */
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
        `or end it with \`penstock abort ${endpoint}\`.`,
    );
  }
}

export class RolloutNotFound extends RolloutError {
  constructor(readonly endpoint: string) {
    super(`There is no rollout of ${endpoint}. \`penstock list --all\` shows those that there are.`);
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
        `See how they stand with \`penstock waves ${waves}\`, or end them with \`penstock waves abort ${waves}\`.`,
    );
  }
}

export class WavesNotFound extends RolloutError {
  constructor(readonly waves: string) {
    super(`There are no waves ${waves}, or Temporal has forgotten them.`);
  }
}

/** Somebody ended the waves' workflow in Temporal, or its code failed: the rollouts that had begun go on. */
export class WavesEndedAbnormally extends RolloutError {
  constructor(
    readonly waves: string,
    readonly how: string,
    cause?: unknown,
  ) {
    super(
      `Waves ${waves} did not come to an end of their own (${how}): no further wave begins, and the rollouts that had ` +
        `begun go on by themselves; \`penstock list\` shows them.`,
      cause,
    );
  }
}

/** The rollout understood the command and says why it makes no sense now. */
export class CommandRejected extends RolloutError {
  constructor(
    readonly endpoint: string,
    readonly command: string,
    readonly reason: string,
  ) {
    super(`${endpoint} refuses to ${command}: ${reason}`);
  }
}

/** Somebody ended the workflow in Temporal (terminate, cancel), or its code failed: nothing rolls back by itself. */
export class RolloutEndedAbnormally extends RolloutError {
  constructor(
    readonly endpoint: string,
    readonly how: string,
    cause?: unknown,
  ) {
    super(
      `The rollout of ${endpoint} did not come to an end of its own (${how}), so nothing was rolled back: ` +
        `check the endpoint's weights, and start another rollout when they are right.`,
      cause,
    );
  }
}

/** Temporal answers, but nobody executes rollouts. */
export class NoWorker extends RolloutError {
  constructor(
    readonly endpoint: string,
    readonly phase: string | null,
    cause?: unknown,
    message = `No worker answers for ${endpoint}${inPhase(phase)}: ` +
      `run \`penstock worker\` (task queue ${taskQueue}); the rollout goes on where it stopped.`,
  ) {
    super(message, cause);
  }
}

/** There are workers, but they fail at this rollout: until others come, it is as if there were none. */
export class WorkerFailing extends NoWorker {
  constructor(endpoint: string, phase: string | null, cause?: unknown) {
    super(
      endpoint,
      phase,
      cause,
      `The workers cannot go on with ${endpoint}${inPhase(phase)}: they are of another version than it has met ` +
        `so far, or have a fault; the failed workflow task in Temporal's Web UI says which. Run workers of the ` +
        `version that fits (docs/upgrading.md); the rollout goes on where it stopped.`,
    );
  }
}

function inPhase(phase: string | null): string {
  return phase === null ? '' : ` (phase ${phase})`;
}

export class TemporalUnreachable extends RolloutError {
  constructor(
    readonly address: string,
    readonly detail: string,
    cause?: unknown,
  ) {
    super(
      `Temporal does not answer at ${address} (${detail}). Check TEMPORAL_ADDRESS or --address; ` +
        `running rollouts are kept by Temporal and are not lost.`,
      cause,
    );
  }
}

/** Temporal answers and says no: wrong credentials, an unknown namespace, a request that it does not accept. */
export class TemporalRejected extends RolloutError {
  constructor(
    readonly address: string,
    readonly namespace: string,
    readonly detail: string,
    advice: string,
    cause?: unknown,
  ) {
    super(`Temporal at ${address}, namespace ${namespace}, refuses: ${detail}. ${advice}`, cause);
  }
}

/** TEMPORAL_* or temporal.toml cannot be used as they are. */
export class InvalidConnectionSettings extends RolloutError {
  constructor(detail: string, cause?: unknown) {
    super(`The Temporal settings (TEMPORAL_*, temporal.toml) cannot be used: ${detail}`, cause);
  }
}
