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
        `or abort it with \`penstock abort ${endpoint}\`.`,
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

/** Somebody ended the waves' workflow in Temporal, or its code failed: the rollouts that had begun go on. */
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

/** The rollout understood the command and says why it makes no sense now. */
export class CommandRejected extends RolloutError {
  constructor(
    readonly endpoint: string,
    readonly command: string,
    readonly reason: string,
  ) {
    super(`Cannot ${command} ${endpoint}: ${reason}`);
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
      `The rollout of ${endpoint} ended abnormally (${how}). Nothing was rolled back: check the endpoint's weights, ` +
        `and start the next rollout when they are correct.`,
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
    message = `No worker responds for ${endpoint}${inPhase(phase)}. Run \`penstock worker\` (task queue ${taskQueue}). ` +
      `The rollout then continues from where it stopped.`,
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
      `Workers fail to make progress on ${endpoint}${inPhase(phase)}: their workflow code is incompatible with its ` +
        `history, or has a bug. The failed workflow task in Temporal's Web UI shows which. Run workers of a compatible ` +
        `version (docs/upgrading.md). The rollout then continues from where it stopped.`,
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
      `Cannot reach Temporal at ${address} (${detail}). Check TEMPORAL_ADDRESS or --address. ` +
        `Temporal keeps running rollouts: they are not lost.`,
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
    super(
      `Temporal at ${address}, namespace ${namespace}, rejected the request: ${detail}. ${advice}`,
      cause,
    );
  }
}

/** TEMPORAL_* or temporal.toml cannot be used as they are. */
export class InvalidConnectionSettings extends RolloutError {
  constructor(detail: string, cause?: unknown) {
    super(`Invalid Temporal settings (TEMPORAL_*, temporal.toml): ${detail}`, cause);
  }
}
